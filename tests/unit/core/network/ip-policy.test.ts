/** Which addresses the router may call when a client names them. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { isInNetwork, parseIpAddress, parseIpNetwork } from "../../../../src/core/network/ip-address.ts";
import { createIpPolicy } from "../../../../src/core/network/ip-policy.ts";

const may = (allowed: readonly string[], address: string): boolean => {
  const parsed = parseIpAddress(address);
  if (parsed === undefined) throw new TypeError(`${address} is no address`);
  return createIpPolicy(allowed)(parsed);
};

describe("the policy", () => {
  test.each([
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "192.0.0.1",
    "192.0.2.1",
    "198.19.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fd00::1",
    "fc00::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "2002:7f00:1::",
    "64:ff9b:1::1",
    "100::1",
    "2001:0:0:1::1",
    "3fff:0fff::1",
    "5f00::1",
    "[::1]",
  ])("refuses %s", (address) => expect(may([], address)).toBe(false));

  test.each([
    "8.8.8.8",
    "1.1.1.1",
    "172.32.0.1",
    "192.0.0.9",
    "192.0.0.10",
    "100.128.0.1",
    "198.20.0.1",
    "2606:4700::1111",
    "2001:1::1",
    "2001:4:112::1",
    "2001:20::1",
    "2001:3f::1",
    "::ffff:8.8.8.8",
    "2a00::1",
  ])("allows %s", (address) => expect(may([], address)).toBe(true));

  test("allows what is named, whatever its form, and nothing beside it", () => {
    expect(may(["10.0.0.0/8"], "10.255.0.1")).toBe(true);
    expect(may(["10.0.0.0/8"], "::ffff:10.255.0.1")).toBe(true);
    expect(may(["10.0.0.0/8"], "192.168.0.1")).toBe(false);
    expect(may(["192.168.0.7"], "192.168.0.7")).toBe(true);
    expect(may(["192.168.0.7"], "192.168.0.8")).toBe(false);
    expect(may(["fd00::/8"], "fd12::1")).toBe(true);
    expect(may(["any"], "127.0.0.1")).toBe(true);
  });
});

describe("networks and addresses", () => {
  test.each([
    "",
    "10.0.0.0/33",
    "10.0.0.1/8",
    "10.0.0/8",
    "010.0.0.0/8",
    "fd00::1/8",
    "::/129",
    "1.2.3.4/",
    "a/8",
    "::1::2/64",
    "10.0.0.0/8/8",
    "1:2:3:4:5:6:7:8:9",
    "::1.2.3.400",
  ])("%s is no network", (text) => expect(parseIpNetwork(text)).toBeUndefined());

  test("an address is in the network of each of its own prefixes, and flipping a bit of the prefix leaves it", () => {
    const byte = fc.integer({ min: 0, max: 255 });
    const bytes = fc.oneof(
      fc.array(byte, { minLength: 4, maxLength: 4 }),
      fc.array(byte, { minLength: 16, maxLength: 16 }),
    );
    fc.assert(
      fc.property(bytes, fc.nat(), (address, seed) => {
        const prefixBits = seed % (address.length * 8 + 1);
        const cut = address.map((one, place) => {
          const bits = Math.min(8, Math.max(0, prefixBits - place * 8));
          return one & ((0xff << (8 - bits)) & 0xff);
        });
        const network = { address: cut, prefixBits };
        expect(isInNetwork(address, network)).toBe(true);
        if (prefixBits === 0) return;
        const flipped = address.with(
          (prefixBits - 1) >> 3,
          (address[(prefixBits - 1) >> 3] ?? 0) ^ (1 << ((8 - (prefixBits % 8)) % 8)),
        );
        expect(isInNetwork(flipped, network)).toBe(false);
      }),
    );
  });
});
