/**
 * Which addresses an adapter may connect to: public ones, and private ones that the operator listed.
 *
 * Everything that reaches into a network from outside it is refused unless listed: loopback, private,
 * link-local, carrier, documentation and multicast ranges, and every IPv6
 * address that is not global unicast, so that no IPv4 address can hide in one. What it does not do: it resolves no
 * names.
 */
import { BlockList, isIP, isIPv4 } from "node:net"

/** Says whether one address, IPv4 or IPv6 without brackets, may be connected to. */
export type AddressRule = (address: string) => boolean

/**
 * A rule for the addresses of one host's configuration.
 *
 * @param privateRanges addresses or CIDR ranges that are allowed although they are not public, such as
 *   `10.20.0.0/16`; 0 to 100.
 * @throws RangeError for a text that is neither an address nor a range.
 * @example addressRule(["10.20.0.0/16"])("10.20.3.4") // => true
 * @example addressRule([])("::ffff:127.0.0.1") // => false
 */
export const addressRule = (privateRanges: readonly string[]): AddressRule => {
  const listed = new BlockList()
  for (const range of privateRanges) list(listed, range)
  return (address) => {
    if (isIP(address) === 0) return false
    const family = isIPv4(address) ? "ipv4" : "ipv6"
    if (listed.check(address, family)) return true
    if (family === "ipv4") return !special4.check(address, "ipv4")
    return global6.check(address, "ipv6") && !special6.check(address, "ipv6")
  }
}

// internal

const list = (to: BlockList, range: string): void => {
  const [address = "", bits, more] = range.split("/")
  const version = isIP(address)
  const width = bits === undefined ? (version === 4 ? 32 : 128) : /^\d{1,3}$/.test(bits) ? Number(bits) : -1
  if (version === 0 || more !== undefined || width < 0 || width > (version === 4 ? 32 : 128)) {
    throw new RangeError(`${JSON.stringify(range)} is no address and no range such as 10.20.0.0/16`)
  }
  to.addSubnet(address, width, version === 4 ? "ipv4" : "ipv6")
}

const subnets = (family: "ipv4" | "ipv6", ranges: readonly (readonly [string, number])[]): BlockList => {
  const made = new BlockList()
  for (const [address, bits] of ranges) made.addSubnet(address, bits, family)
  return made
}

/** IPv4 ranges that are not public, after IANA's registry of special-purpose addresses. */
const special4 = subnets("ipv4", [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
])

/** The one range from which global IPv6 addresses are given out. */
const global6 = subnets("ipv6", [["2000::", 3]])

/** Inside it: protocol assignments and Teredo, documentation, 6to4. */
const special6 = subnets("ipv6", [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
])
