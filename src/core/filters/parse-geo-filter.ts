/** The geo functions of the filter grammar. Once a function's name has been read, what follows must be its arguments. */
import type { Coordinates, Filter } from "./filter.ts";
import { fault, readNumber, type Scanner, skipBlanks, take, takeSpaced, takeWord } from "./filter-scanner.ts";

/** Undefined, and not moved, when no geo function begins here. */
export function parseGeoFilter(scanner: Scanner): Filter | undefined {
  if (takeWord(scanner, "_geoRadius")) return geoRadius(scanner);
  if (takeWord(scanner, "_geoBoundingBox")) return geoBoundingBox(scanner);
  if (takeWord(scanner, "_geoPolygon")) return geoPolygon(scanner);
  return undefined;
}

/** `_geoRadius(lat, lng, metres)` with the precision of the circle as an optional fourth argument. */
function geoRadius(scanner: Scanner): Filter {
  open(scanner, "(");
  const [lat, lng, radius, resolution = null, ...more] = numbers(scanner);
  close(scanner, ")");
  if (lat === undefined || lng === undefined || radius === undefined || more.length > 0) {
    fault(scanner, "`_geoRadius` takes three or four numbers");
  }
  return { kind: "geoRadius", center: [lat, lng], radius, resolution };
}

/** `_geoBoundingBox([lat, lng], [lat, lng])`: top right, bottom left. */
function geoBoundingBox(scanner: Scanner): Filter {
  open(scanner, "(");
  const [topRight, bottomLeft, ...more] = points(scanner);
  close(scanner, ")");
  if (topRight === undefined || bottomLeft === undefined || more.length > 0) {
    fault(scanner, "`_geoBoundingBox` takes two points");
  }
  return { kind: "geoBoundingBox", topRight, bottomLeft };
}

/** `_geoPolygon([lat, lng], …)` with at least three points; only here a comma may follow the last. */
function geoPolygon(scanner: Scanner): Filter {
  open(scanner, "(");
  const corners = points(scanner);
  takeSpaced(scanner, ",");
  close(scanner, ")");
  if (corners.length < 3) fault(scanner, "`_geoPolygon` takes at least three points");
  return { kind: "geoPolygon", corners };
}

function points(scanner: Scanner): readonly Coordinates[] {
  return separated(scanner, () => {
    if (!takeSpaced(scanner, "[")) return undefined;
    const [lat, lng, ...more] = numbers(scanner);
    close(scanner, "]");
    skipBlanks(scanner);
    if (lat === undefined || lng === undefined || more.length > 0) fault(scanner, "a point has two coordinates");
    return [lat, lng] as const;
  });
}

function numbers(scanner: Scanner): readonly string[] {
  return separated(scanner, () => readNumber(scanner));
}

/** At least one item; a comma that no item follows is left where it is. */
function separated<T>(scanner: Scanner, read: () => T | undefined): readonly T[] {
  const items: T[] = [];
  for (let end = scanner.at; ; end = scanner.at) {
    if (items.length > 0 && !take(scanner, ",")) return items;
    const item = read();
    if (item === undefined) {
      scanner.at = end;
      return items.length > 0 ? items : fault(scanner, "expected an argument");
    }
    items.push(item);
  }
}

function open(scanner: Scanner, bracket: string): void {
  if (!take(scanner, bracket)) fault(scanner, `expected \`${bracket}\``);
}

function close(scanner: Scanner, bracket: string): void {
  if (!take(scanner, bracket)) fault(scanner, `expected \`${bracket}\``);
}
