/** Pictures as strangers send them. */
import { crc32, deflateSync } from "node:zlib"
import sharp, { type Sharp } from "sharp"

export const plain = (width = 40, height = 30): Promise<Buffer> => picture(width, height).jpeg().toBuffer()

export const picture = (width: number, height: number): Sharp =>
  sharp({ create: { width, height, channels: 3, background: { r: 200, g: 90, b: 20 } } })

/** With a place, an owner and a comment in its metadata, turned by 90 degrees, and something behind its end. */
export const telling = async (): Promise<Buffer> => {
  const bytes = await picture(40, 30)
    .withExif({
      IFD0: { Copyright: canary, Artist: canary, Model: canary },
      IFD3: {
        GPSLatitudeRef: "N",
        GPSLatitude: "26/1 8/1 3/1",
        GPSLongitudeRef: "E",
        GPSLongitude: "106/1 39/1 2/1",
      },
    })
    .withXmp(
      `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description><c>${canary}</c></rdf:Description></rdf:RDF></x:xmpmeta>`,
    )
    .jpeg()
    .toBuffer()
  const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, canary.length + 2]), Buffer.from(canary)])
  return Buffer.concat([bytes.subarray(0, 2), comment, bytes.subarray(2), Buffer.from(`PK\x03\x04${canary}`)])
}

export const canary = "CANARY-13985551234"

/** A small PNG file whose header declares these many pixels. */
export const declaring = (width: number, height: number): Buffer => {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.alloc(1_000))),
    chunk("IEND", Buffer.alloc(0)),
  ])
}

export const animation = async (): Promise<Buffer> =>
  sharp([await picture(8, 8).png().toBuffer(), await picture(8, 8).negate().png().toBuffer()], {
    join: { animated: true },
  })
    .webp()
    .toBuffer()

// internal

const chunk = (type: string, data: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(type), data])
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, check])
}
