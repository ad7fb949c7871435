/**
 * `yingshao policy print`: a policy back as Markdown, or as the canonical JSON that is hashed.
 *
 * What comes out reads back to the same digest. Prose is no part of a policy and does not come back.
 */
import { printPolicy } from "@yingshao/policy/print"
import { openSound } from "../policy/open-sound.ts"
import type { Output } from "../terminal/output.ts"

/** @returns 0. */
export const policyPrint = async (
  file: string,
  { canonical }: { readonly canonical?: boolean },
  out: Output,
): Promise<number> => {
  const policy = openSound(file)
  out.line(canonical === true ? policy.canonical : printPolicy(policy.model).trimEnd())
  return 0
}
