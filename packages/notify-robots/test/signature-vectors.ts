/** Made by make-signature-vectors.py; not written by hand. */
export const signatureVectors = [
  {
    secret: "SEC5c1e7d90a2",
    atMs: 1600000000000,
    dingtalk: "lSDgirm4O6qbptbbkq2x6AI+m7sTZt2/CdfV9X4WloY=",
    feishu: "ZO74kXUyj6UTtAUmh8C6QKXR7wSbv5ZN3ehBBpbfTe4=",
  },
  {
    secret: "SEC5c1e7d90a2",
    atMs: 1772510706789,
    dingtalk: "QNKLVIzf+4NG8Xql+Y1ExTEavJHiFNCcCZ4cmNM4Fpk=",
    feishu: "dUN/si7YozGx+b9k5b6hWDiXT35dwD4Vu/SkKzvCjuE=",
  },
  {
    secret: "SEC5c1e7d90a2",
    atMs: 1893455999999,
    dingtalk: "BP0ZlmHipAy45SL2cDOuQLMxMYhlVwbQzqhE50K9sik=",
    feishu: "gNK6Dn65l6h+Al/GyoTJXOGlC3GcVfvFkvYuTXLt5Po=",
  },
  {
    secret: "SEC0000000000000000000000000000000000000000000000000000000000000000",
    atMs: 1600000000000,
    dingtalk: "G++4a/jm6W9DKjFgslMCjTys5eeHWvlyseEOx/6gVWw=",
    feishu: "+Yye4ZkhK0IGX2rJ03XRYrre5t58l7QZ1D0tB0Lm9WQ=",
  },
  {
    secret: "SEC0000000000000000000000000000000000000000000000000000000000000000",
    atMs: 1772510706789,
    dingtalk: "m73l0+V2IbVn/jmSCh9keNNC/BCCLocSdoRcXqyjqLc=",
    feishu: "6gEVjB2dsUoYPRsUWWPBzHLlapccohZ/zWOrSJU7FS8=",
  },
  {
    secret: "SEC0000000000000000000000000000000000000000000000000000000000000000",
    atMs: 1893455999999,
    dingtalk: "0CUhbBYyza+XY8j3njXiBVXboFNbKOVypxIyvStG1wo=",
    feishu: "PH6nbONoNN53zJNkZ9C9ao/i8MTXU342qOnPEF5tvf0=",
  },
  {
    secret: "惠水",
    atMs: 1600000000000,
    dingtalk: "IbR/ZyStp6h6HDrFNac1dAteUyjyZYV6B8Fmcn9cFaQ=",
    feishu: "jfQPaa8+HSbbyvUNLFxY2I8ENz7nH78nL6T8vdnKcHE=",
  },
  {
    secret: "惠水",
    atMs: 1772510706789,
    dingtalk: "0iSyqAlabYLPFWYQdgmz5VkBRT0r5wX9StrAGJLquvI=",
    feishu: "DaJPbf0hdVTxrfCcPQIS/VBAyaj6xVgfyBUgwE7UOck=",
  },
  {
    secret: "惠水",
    atMs: 1893455999999,
    dingtalk: "5k7wK8ppwm/esPuoFUOT/ruG1fJ40gPWzoTy8/egrH8=",
    feishu: "Xwas99SaBCk5zqEg1kbCUVDF0PemNSP9qlXs39KgYaI=",
  },
  {
    secret: "a/b+c==",
    atMs: 1600000000000,
    dingtalk: "2bTmVcEi6wgSxbN3bGCiFkBxh9jyA23P3L0UO0SLh/g=",
    feishu: "i/1vFr0xNOyc/y7eO85yx+iB1kreM4O0GhcSqAjvLWo=",
  },
  {
    secret: "a/b+c==",
    atMs: 1772510706789,
    dingtalk: "O1+oH5oyL2eFC3Q9WqH+NqtDNhmaDVlzWKG+4ZW1des=",
    feishu: "Is82toZwdoCWC31zY1MuPNN8N9joKr57TWaTJgWeoR0=",
  },
  {
    secret: "a/b+c==",
    atMs: 1893455999999,
    dingtalk: "U4wHmz9zqoLSU6pWzDzpHYvCLVImVx4cosWqrkrzhv0=",
    feishu: "AwtFJoRWjc4YCBoDp2NbZUsOZcCfvB9d81r6R+Dk3S4=",
  },
]
