/**
 * Bytes in a bucket of an S3-compatible store: `PUT`, `GET` and `DELETE` of one object, signed by
 * `aws4fetch`. Path-style addresses, which every such store understands.
 */
import { photosFailure } from "@yingshao/ports/photos"
import { AwsClient } from "aws4fetch"
import type { Blobs } from "./blobs.ts"

export interface S3Options {
  /** `https://oss.example.cn`, without the bucket. */
  readonly endpoint: string
  readonly bucket: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** How long one call may take, in milliseconds; left out: 15,000. */
  readonly timeoutMs?: number
}

/** Photos are refused above this size before they get here; what is read back is bounded all the same. */
const mostBytes = 50_000_000

/** @throws RangeError for a bucket's name that cannot stand in an address. */
export const s3Blobs = (options: S3Options): Blobs => {
  const { endpoint, bucket, region, accessKeyId, secretAccessKey, timeoutMs = 15_000 } = options
  if (!/^[a-z0-9][a-z0-9.-]{1,62}$/.test(bucket)) throw new RangeError(`${bucket} cannot be a bucket's name`)
  const client = new AwsClient({ accessKeyId, secretAccessKey, region, service: "s3", retries: 2 })
  const base = `${endpoint.replace(/\/+$/, "")}/${bucket}/`
  const call = async (key: string, init: RequestInit): Promise<Response> => {
    try {
      return await client.fetch(base + key, {
        ...init,
        redirect: "error",
        signal: AbortSignal.timeout(timeoutMs),
      })
    } catch (error) {
      throw photosFailure("unavailable", "the photo store cannot be reached", error)
    }
  }
  return {
    name: "s3",
    async put(key, bytes) {
      const headers = { "Content-Type": "image/jpeg" }
      const answer = await call(key, { method: "PUT", body: new Uint8Array(bytes), headers })
      await answer.arrayBuffer()
      if (!answer.ok) throw refusedBy(answer)
    },
    async get(key) {
      const answer = await call(key, { method: "GET" })
      if (answer.status === 404) {
        await answer.arrayBuffer()
        return undefined
      }
      if (!answer.ok) throw refusedBy(answer)
      if (Number(answer.headers.get("content-length") ?? 0) > mostBytes) {
        throw photosFailure("corrupt", "the photo store answers with more than a photo")
      }
      return new Uint8Array(await answer.arrayBuffer())
    },
    async remove(key) {
      const there = await call(key, { method: "HEAD" })
      if (there.status === 404) return false
      const answer = await call(key, { method: "DELETE" })
      await answer.arrayBuffer()
      if (!answer.ok && answer.status !== 404) throw refusedBy(answer)
      return answer.ok
    },
  }
}

// internal

const refusedBy = (answer: Response) =>
  photosFailure(
    answer.status === 507 ? "full" : "unavailable",
    `the photo store answers with status ${answer.status}`,
  )
