/** Points on the earth: read from `_geo`, measured along the great circle. */
import { NodeError } from "../node-error.ts";
import { isObject } from "./walk-fields.ts";

export interface Point {
  readonly lat: number;
  readonly lng: number;
}

const EARTH_RADIUS_M = 6_371_000;

/** The point of a document, null when it has none; throws in the engine's words when `_geo` is malformed. */
export function readGeo(id: string, geo: unknown): Point | null {
  const about = `in the document with the id: \`"${id}"\``;
  const fail = (message: string): never => {
    throw new NodeError("invalid_document_geo_field", message);
  };
  if (geo === undefined || geo === null) return null;
  if (!isObject(geo)) {
    return fail(
      `The \`_geo\` field ${about} is not an object. Was expecting an object with the \`_geo.lat\` and \`_geo.lng\` fields but instead got \`${JSON.stringify(geo)}\`.`,
    );
  }
  const { lat, lng, ...rest } = geo;
  if (lat === undefined && lng === undefined) {
    return fail(`Could not find latitude nor longitude ${about}. Was expecting \`_geo.lat\` and \`_geo.lng\` fields.`);
  }
  if (lat === undefined) return fail(`Could not find latitude ${about}. Was expecting a \`_geo.lat\` field.`);
  if (lng === undefined) return fail(`Could not find longitude ${about}. Was expecting a \`_geo.lng\` field.`);
  if (Object.keys(rest).length > 0) {
    return fail(`The \`_geo\` field ${about} contains the following unexpected fields: \`${JSON.stringify(rest)}\`.`);
  }
  const point = { lat: finite(lat), lng: finite(lng) };
  if (point.lat === null && point.lng === null) {
    return fail(
      `Could not parse latitude nor longitude ${about}. Was expecting finite numbers but instead got \`${JSON.stringify(lat)}\` and \`${JSON.stringify(lng)}\`.`,
    );
  }
  if (point.lat === null)
    return fail(
      `Could not parse latitude ${about}. Was expecting a finite number but instead got \`${JSON.stringify(lat)}\`.`,
    );
  if (point.lng === null)
    return fail(
      `Could not parse longitude ${about}. Was expecting a finite number but instead got \`${JSON.stringify(lng)}\`.`,
    );
  return { lat: point.lat, lng: point.lng };
}

/** Metres between two points, to the millimetre. */
export function distanceMetres(a: Point, b: Point): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const versine = (angle: number): number => (1 - Math.cos(angle)) / 2;
  const along = versine(radians(b.lat) - radians(a.lat));
  const across = Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * versine(radians(b.lng) - radians(a.lng));
  return Math.round(2 * EARTH_RADIUS_M * Math.asin(Math.sqrt(along + across)) * 1000) / 1000;
}

function finite(value: unknown): number | null {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : null;
}
