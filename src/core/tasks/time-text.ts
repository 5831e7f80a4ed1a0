/** Moments and durations as the engine prints and reads them. Times are milliseconds since the epoch, also fractions. */

/** RFC 3339 in UTC, without trailing zeros of the fraction. */
export function rfc3339(timeMs: number): string {
  const text = new Date(Math.floor(timeMs)).toISOString();
  return text.replace(/\.?0*Z$/, "Z");
}

/** ISO 8601 with days as the largest unit; null for a negative duration, which has no form there. */
export function iso8601Duration(durationMs: number): string | null {
  if (!(durationMs >= 0)) return null;
  const micros = Math.round(durationMs * 1000);
  const days = Math.floor(micros / MICROS_PER_DAY);
  const rest = micros - days * MICROS_PER_DAY;
  const seconds = Math.floor(rest / 1_000_000);
  const fraction = rest - seconds * 1_000_000;
  const date = days === 0 ? "" : `${days}D`;
  const time = rest === 0 && days !== 0 ? "" : `T${seconds}${fractionText(fraction)}S`;
  return `P${date}${time}`;
}

/**
 * A full date-time or undefined. Accepts what the engine accepts: any one character between date and time, a
 * fraction of any length, `Z` or an offset with a colon, and the leap second at the end of a month.
 */
export function parseDateTime(text: string): number | undefined {
  const match = DATE_TIME.exec(text);
  if (match === null) return undefined;
  const [, date, hour, minute, second, fraction = "", sign, offsetHour = "0", offsetMinute = "0"] = match;
  const day = parseDate(date ?? "");
  const leap = second === "60";
  if (day === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  if (Number(offsetHour) > 23 || Number(offsetMinute) > 59) return undefined;
  const clockMs = Number(hour) * HOUR_MS + Number(minute) * MINUTE_MS + (leap ? 59 : Number(second)) * 1000;
  const offsetMs = Number(offsetHour) * HOUR_MS + Number(offsetMinute) * MINUTE_MS;
  const fractionMs = leap ? LEAP_FRACTION_MS : fraction === "" ? 0 : Number(`0${fraction}`) * 1000;
  const timeMs = day + clockMs - (sign === "-" ? -offsetMs : offsetMs);
  if (leap && !endsMonth(timeMs)) return undefined;
  return timeMs + fractionMs;
}

/** The midnight (UTC) at which a date begins, or undefined. */
export function parseDate(text: string): number | undefined {
  const match = DATE.exec(text);
  if (match === null) return undefined;
  const timeMs = Date.UTC(0, Number(match[2]) - 1, Number(match[3]));
  const date = new Date(timeMs);
  date.setUTCFullYear(Number(match[1]), Number(match[2]) - 1, Number(match[3]));
  const exists = date.getUTCMonth() === Number(match[2]) - 1 && date.getUTCDate() === Number(match[3]);
  return exists ? date.getTime() : undefined;
}

export const DAY_MS = 86_400_000;

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const DATE_TIME = /^(\d{4}-\d{2}-\d{2}).(\d{2}):(\d{2}):(\d{2})(\.\d+)?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/s;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const MICROS_PER_DAY = DAY_MS * 1000;
/** A leap second is read as the last moment before it. */
const LEAP_FRACTION_MS = 999.999;

function endsMonth(timeMs: number): boolean {
  const next = new Date(timeMs + 1000);
  return (
    next.getUTCDate() === 1 && next.getUTCHours() === 0 && next.getUTCMinutes() === 0 && next.getUTCSeconds() === 0
  );
}

/** Three digits if they say it all, else six. */
function fractionText(micros: number): string {
  if (micros === 0) return "";
  if (micros % 1000 === 0) return `.${String(micros / 1000).padStart(3, "0")}`;
  return `.${String(micros).padStart(6, "0")}`;
}
