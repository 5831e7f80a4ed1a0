/**
 * What the engine demands of `_geo` when that field is filterable or sortable: null, or an object with exactly `lat`
 * and `lng`. It finds a violation only while indexing, after other nodes have accepted their parts; so it is judged here.
 */

/** The engine's complaint about `_geo` of the document `id`, or null. */
export function geoComplaint(id: string, geo: unknown): string | null {
  const which = `the document with the id: \`${JSON.stringify(id)}\``;
  if (geo === null) return null;
  if (typeof geo !== "object" || Array.isArray(geo)) {
    return (
      `The \`_geo\` field in ${which} is not an object. Was expecting an object with the \`_geo.lat\` and \`_geo.lng\` ` +
      `fields but instead got \`${JSON.stringify(geo)}\`.`
    );
  }
  const { lat, lng, ...extra } = geo as Record<string, unknown>;
  if (lat === undefined && lng === undefined) {
    return `Could not find latitude nor longitude in ${which}. Was expecting \`_geo.lat\` and \`_geo.lng\` fields.`;
  }
  if (lat === undefined) return `Could not find latitude in ${which}. Was expecting a \`_geo.lat\` field.`;
  if (lng === undefined) return `Could not find longitude in ${which}. Was expecting a \`_geo.lng\` field.`;
  if (Object.keys(extra).length > 0) {
    return `The \`_geo\` field in ${which} contains the following unexpected fields: \`${JSON.stringify(extra)}\`.`;
  }
  return coordinatesComplaint(which, lat, lng);
}

function coordinatesComplaint(which: string, lat: unknown, lng: unknown): string | null {
  const badLat = !isCoordinate(lat);
  const badLng = !isCoordinate(lng);
  if (badLat && badLng) {
    return `Could not parse latitude nor longitude in ${which}. Was expecting finite numbers but instead got \`${JSON.stringify(lat)}\` and \`${JSON.stringify(lng)}\`.`;
  }
  if (!badLat && !badLng) return null;
  const name = badLat ? "latitude" : "longitude";
  return `Could not parse ${name} in ${which}. Was expecting a finite number but instead got \`${JSON.stringify(badLat ? lat : lng)}\`.`;
}

/** A finite number, or a text that reads as one without any space. */
function isCoordinate(value: unknown): boolean {
  if (typeof value === "number") return true;
  return typeof value === "string" && isFloatText(value) && Number.isFinite(Number(value));
}

/** The engine's syntax of a finite float in a text; also used for the numbers of CSV. */
export function isFloatText(text: string): boolean {
  return FLOAT.test(text);
}

const FLOAT = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
