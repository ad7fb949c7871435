"""Writes signature-vectors.ts: what DingTalk's and Feishu's documents say, in another language than ours.

python3 make-signature-vectors.py > signature-vectors.ts && npx biome check --write signature-vectors.ts
"""
import base64
import hashlib
import hmac
import json

SECRETS = ["SEC5c1e7d90a2", "SEC" + "0" * 64, "惠水", "a/b+c=="]
INSTANTS_MS = [1_600_000_000_000, 1_772_510_706_789, 1_893_455_999_999]


def dingtalk(secret, at_ms):
    return base64.b64encode(hmac.new(secret.encode(), f"{at_ms}\n{secret}".encode(), hashlib.sha256).digest()).decode()


def feishu(secret, at_s):
    return base64.b64encode(hmac.new(f"{at_s}\n{secret}".encode(), b"", hashlib.sha256).digest()).decode()


print("/** Made by make-signature-vectors.py; not written by hand. */")
print("export const signatureVectors =", json.dumps([
    {"secret": secret, "atMs": at, "dingtalk": dingtalk(secret, at), "feishu": feishu(secret, at // 1000)}
    for secret in SECRETS for at in INSTANTS_MS
], ensure_ascii=False, indent=2))
