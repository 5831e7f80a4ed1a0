/**
 * Finds the route of a path. A literal segment beats a parameter, and once a path belongs to a literal the method
 * decides nothing any more: `GET /indexes/x/documents/fetch` is a wrong method and not the document `fetch`, as in
 * the engine.
 */
import { assert } from "../core/assert.ts";
import type { Method, Route } from "./route.ts";

export type RouteMatch =
  | { readonly kind: "found"; readonly route: Route; readonly params: Readonly<Record<string, string>> }
  /** The path is known, the method is not. */
  | { readonly kind: "wrong_method"; readonly template: string; readonly allowed: readonly Method[] }
  | { readonly kind: "unknown" };

export type RouteMatcher = (method: string, path: string) => RouteMatch;

export function createRouteMatcher(routes: readonly Route[]): RouteMatcher {
  const root = newNode();
  for (const route of routes) insert(root, route);
  return (method, path) => {
    const values: string[] = [];
    const leaf = walk(root, path, 1, values);
    if (leaf === null) return UNKNOWN;
    const target = leaf.targets.get(method);
    if (target === undefined) return wrongMethod(leaf);
    if (target.names.length === 0) return target.withoutParams;
    const params: Record<string, string> = {};
    for (let i = 0; i < values.length; i++) params[target.names[i] as string] = decodeSegment(values[i] as string);
    return { kind: "found", route: target.route, params };
  };
}

/** Doubled slashes count as one and slashes at the end do not count, as in the engine. */
export function normalizePath(path: string): string {
  if (path.length > 1 && (path.charCodeAt(path.length - 1) === SLASH || path.includes("//"))) {
    const normal = path.replace(/\/+/g, "/");
    return normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal;
  }
  return path;
}

interface Target {
  readonly route: Route;
  readonly names: readonly string[];
  readonly withoutParams: RouteMatch;
}

interface Node {
  readonly literals: Map<string, Node>;
  parameter: Node | null;
  readonly targets: Map<string, Target>;
  /** Of the route that was declared last and ends here. */
  template: string;
}

function newNode(): Node {
  return { literals: new Map(), parameter: null, targets: new Map(), template: "" };
}

function insert(root: Node, route: Route): void {
  const names: string[] = [];
  let node = root;
  for (const segment of segments(route.path)) {
    if (segment.startsWith("{")) {
      assert(segment.endsWith("}"), `the template ${route.path} closes its parameters`);
      names.push(segment.slice(1, -1));
      node = node.parameter ??= newNode();
    } else {
      const next = node.literals.get(segment) ?? newNode();
      node.literals.set(segment, next);
      node = next;
    }
  }
  assert(!node.targets.has(route.method), `${route.method} ${route.path} is declared once`);
  node.targets.set(route.method, { route, names, withoutParams: { kind: "found", route, params: NO_PARAMS } });
  node.template = route.path;
}

function wrongMethod({ targets, template }: Node): RouteMatch {
  return { kind: "wrong_method", template, allowed: [...targets.keys()] as Method[] };
}

function segments(path: string): string[] {
  return path === "/" ? [] : path.slice(1).split("/");
}

/** `start` is behind the slash. Recursion is as deep as the longest template at most. */
function walk(node: Node, path: string, start: number, values: string[]): Node | null {
  if (start > path.length || path.length <= 1) return node.targets.size > 0 ? node : null;
  const slash = path.indexOf("/", start);
  const end = slash === -1 ? path.length : slash;
  const segment = path.slice(start, end);
  const literal = node.literals.get(segment);
  if (literal !== undefined) {
    const found = walk(literal, path, end + 1, values);
    if (found !== null) return found;
  }
  if (node.parameter === null || segment === "") return null;
  values.push(segment);
  const found = walk(node.parameter, path, end + 1, values);
  if (found === null) values.pop();
  return found;
}

/** As the engine reads it: what is no percent-encoding stays as it stands, bytes that are no UTF-8 become `�`. */
function decodeSegment(segment: string): string {
  if (!segment.includes("%")) return segment;
  const bytes = Buffer.from(segment);
  let length = 0;
  for (let i = 0; i < bytes.length; i += 1) {
    const digits = bytes[i] === PERCENT ? bytes.toString("latin1", i + 1, i + 3) : "";
    const isEncoded = HEX_PAIR.test(digits);
    bytes[length++] = isEncoded ? Number.parseInt(digits, 16) : bytes[i]!;
    if (isEncoded) i += 2;
  }
  return bytes.toString("utf8", 0, length);
}

const PERCENT = 0x25;
const HEX_PAIR = /^[0-9a-f]{2}$/i;

const SLASH = 0x2f;
const UNKNOWN: RouteMatch = { kind: "unknown" };
const NO_PARAMS: Readonly<Record<string, string>> = Object.freeze({});
