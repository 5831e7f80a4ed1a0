/** The address of a request to a simulated node, taken apart. */

export interface Query {
  get(name: string): string | null;
}

export interface Address {
  readonly path: string;
  readonly segments: readonly string[];
  readonly query: Query;
}

/** The same few are asked for in every history, polls of tasks above all. */
const addresses = new Map<string, Address>();
const ADDRESSES_MAX = 5_000;

export function addressOf(whole: string): Address {
  const known = addresses.get(whole);
  if (known !== undefined) return known;
  const at = whole.indexOf("?");
  const path = at === -1 ? whole : whole.slice(0, at);
  const query = readQuery(at === -1 ? "" : whole.slice(at + 1));
  const address = { path, segments: path.split("/").map(decoded), query };
  // A write is told by an operation of its own and does not come again.
  if (!whole.includes("customMetadata=") && addresses.size < ADDRESSES_MAX) addresses.set(whole, address);
  return address;
}

function readQuery(text: string): Query {
  const values = new Map<string, string>();
  for (const pair of text === "" ? [] : text.split("&")) {
    const at = pair.indexOf("=");
    values.set(decoded(pair.slice(0, at)), decoded(pair.slice(at + 1)));
  }
  return { get: (name) => values.get(name) ?? null };
}

function decoded(text: string): string {
  return text.includes("%") || text.includes("+") ? decodeURIComponent(text.replaceAll("+", " ")) : text;
}
