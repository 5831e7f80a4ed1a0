/** Small notations inside configuration values (rates, daily windows, periods), each with its one parser. */

/** `60/minute`. */
export const RATE = /^([1-9][0-9]{0,8})\/(second|minute|hour)$/;
/** `02:00-06:00 UTC`; the end may lie before the start, then the window crosses midnight. */
export const WINDOW = /^([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9]) UTC$/;
/** `every 6h`. */
export const PERIOD = /^every ([1-9][0-9]{0,5})(s|m|h|d)$/;

export interface Rate {
  readonly count: number;
  readonly perSeconds: number;
}

export function parseRate(notation: string): Rate | null {
  const match = RATE.exec(notation);
  if (match === null) return null;
  const perSeconds = match[2] === "second" ? 1 : match[2] === "minute" ? 60 : 3600;
  return { count: Number(match[1]), perSeconds };
}

export interface DailyWindow {
  /** Minutes after midnight UTC; `from` is inside the window, `to` is not. */
  readonly fromMinute: number;
  readonly toMinute: number;
}

export function parseWindow(notation: string): DailyWindow | null {
  const match = WINDOW.exec(notation);
  if (match === null) return null;
  const fromMinute = Number(match[1]) * 60 + Number(match[2]);
  const toMinute = Number(match[3]) * 60 + Number(match[4]);
  return { fromMinute, toMinute };
}

/** Whether a minute of the day lies in the window; equal ends mean the whole day. */
export function inWindow(window: DailyWindow, minuteOfDay: number): boolean {
  const { fromMinute, toMinute } = window;
  if (fromMinute === toMinute) return true;
  if (fromMinute < toMinute) return minuteOfDay >= fromMinute && minuteOfDay < toMinute;
  return minuteOfDay >= fromMinute || minuteOfDay < toMinute;
}

export function parsePeriodSeconds(notation: string): number | null {
  const match = PERIOD.exec(notation);
  if (match === null) return null;
  const unitSeconds = { s: 1, m: 60, h: 3600, d: 86400 }[match[2] as "s" | "m" | "h" | "d"];
  return Number(match[1]) * unitSeconds;
}
