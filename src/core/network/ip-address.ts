/** An IP address as its bytes, and a network of them; only the textual forms that name exactly one address. */

/** 4 bytes, or 16. An IPv4 address in IPv6 clothes (`::ffff:10.0.0.1`) becomes the IPv4 address it is. */
export type IpAddress = readonly number[];

export interface IpNetwork {
  readonly address: IpAddress;
  readonly prefixBits: number;
}

/** undefined when the text is no address. Brackets around an IPv6 address are taken off. */
export function parseIpAddress(text: string): IpAddress | undefined {
  const bare = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  const bytes = bare.includes(":") ? parseV6(bare) : parseV4(bare);
  return bytes !== undefined && isMapped(bytes) ? bytes.slice(12) : bytes;
}

/** `10.0.0.0/8`, `fd00::/8`, or a single address. undefined when it is neither, or has bits behind its prefix. */
export function parseIpNetwork(text: string): IpNetwork | undefined {
  const [written = "", prefix, ...more] = text.split("/");
  const address = written.includes(":") ? parseV6(written) : parseV4(written);
  if (address === undefined || more.length > 0) return undefined;
  if (prefix === undefined) return { address, prefixBits: address.length * 8 };
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > address.length * 8) return undefined;
  const network = { address, prefixBits: Number(prefix) };
  return address.some((byte, place) => (byte & ~maskOf(network.prefixBits, place)) !== 0) ? undefined : network;
}

export function isInNetwork(address: IpAddress, network: IpNetwork): boolean {
  if (address.length !== network.address.length) return false;
  return address.every((byte, place) => (byte & maskOf(network.prefixBits, place)) === network.address[place]);
}

/** The part of a prefix that falls into one byte. */
function maskOf(prefixBits: number, place: number): number {
  const bits = Math.min(8, Math.max(0, prefixBits - place * 8));
  return (0xff << (8 - bits)) & 0xff;
}

function parseV4(text: string): IpAddress | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) {
    return undefined;
  }
  return parts.map(Number);
}

function parseV6(text: string): IpAddress | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const left = groupsOf(halves[0] ?? "", halves.length === 1);
  const right = halves.length === 1 ? [] : groupsOf(halves[1] ?? "", true);
  if (left === undefined || right === undefined) return undefined;
  const missing = 16 - left.length - right.length;
  if (halves.length === 1 ? missing !== 0 : missing < 2) return undefined;
  return [...left, ...Array.from({ length: missing }, () => 0), ...right];
}

/** Two bytes per group; the last group of the address may be written as an IPv4 address. */
function groupsOf(text: string, isLast: boolean): number[] | undefined {
  if (text === "") return [];
  const bytes: number[] = [];
  const groups = text.split(":");
  for (const [place, group] of groups.entries()) {
    if (isLast && place === groups.length - 1 && group.includes(".")) {
      const tail = parseV4(group);
      if (tail === undefined) return undefined;
      bytes.push(...tail);
    } else {
      if (!/^[0-9a-f]{1,4}$/i.test(group)) return undefined;
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    }
  }
  return bytes;
}

function isMapped(bytes: IpAddress): boolean {
  return (
    bytes.length === 16 && bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff
  );
}
