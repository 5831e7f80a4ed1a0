/**
 * Which addresses the router may call when a client names them: those of the public Internet, and the networks that
 * the operator allows. Otherwise whoever may create a webhook could make the router knock at doors inside its network.
 */
import { type IpAddress, type IpNetwork, isInNetwork, parseIpNetwork } from "./ip-address.ts";

export type IpPolicy = (address: IpAddress) => boolean;

/** `any` among the allowed allows everything. Each text is a network of `parseIpNetwork`. */
export function createIpPolicy(allowed: readonly string[]): IpPolicy {
  if (allowed.includes("any")) return () => true;
  const networks = allowed.map(parseIpNetwork).filter((network) => network !== undefined);
  return (address) => isGlobal(address) || networks.some((network) => isInNetwork(address, network));
}

/** As the registries of special-purpose addresses have it; unknown reserved space counts as internal. */
export function isGlobal(address: IpAddress): boolean {
  if (EXCEPTIONS.some((network) => isInNetwork(address, network))) return true;
  return !SPECIAL.some((network) => isInNetwork(address, network));
}

const networks = (texts: readonly string[]): readonly IpNetwork[] =>
  texts.map(parseIpNetwork).filter((network) => network !== undefined);

const SPECIAL = networks([
  "0.0.0.0/8", // this network
  "10.0.0.0/8",
  "100.64.0.0/10", // shared by carriers
  "127.0.0.0/8",
  "169.254.0.0/16", // link-local
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24", // documentation
  "192.168.0.0/16",
  "198.18.0.0/15", // benchmarks
  "198.51.100.0/24",
  "203.0.113.0/24",
  "240.0.0.0/4", // reserved, and broadcast
  "::/128",
  "::1/128",
  "64:ff9b:1::/48",
  "100::/64",
  "2001::/23",
  "2001:db8::/32",
  "2002::/16", // 6to4 wraps any IPv4 address
  "3fff::/20",
  "5f00::/16",
  "fc00::/7",
  "fe80::/10",
]);

/** Parts of the above that are reachable from everywhere. */
const EXCEPTIONS = networks([
  "192.0.0.9/32",
  "192.0.0.10/32",
  "2001:1::1/128",
  "2001:1::2/128",
  "2001:3::/32",
  "2001:4:112::/48",
  "2001:20::/28",
  "2001:30::/28",
]);
