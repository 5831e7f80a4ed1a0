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
  const [, year, month, monthDay, hour, minute, second, fraction = ""] = match;
  const [sign, offsetHour = "0", offsetMinute = "0"] = [match[8], match[9], match[10]];
  const day = midnight(Number(year), Number(month), Number(monthDay));
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
  return match === null ? undefined : midnight(Number(match[1]), Number(match[2]), Number(match[3]));
}

function midnight(year: number, month: number, day: number): number | undefined {
  if (month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return undefined;
  // One round of the calendar later and back: the runtime takes years below 100 for years after 1900.
  return Date.UTC(year + CALENDAR_ROUND_YEARS, month - 1, day) - CALENDAR_ROUND_MS;
}

function daysOf(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

export const DAY_MS = 86_400_000;

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const DATE_TIME = /^(\d{4})-(\d{2})-(\d{2}).(\d{2}):(\d{2}):(\d{2})(\.\d+)?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/s;
/** After 400 years the same days have the same dates again. */
const CALENDAR_ROUND_YEARS = 400;
const CALENDAR_ROUND_MS = 146_097 * DAY_MS;
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
