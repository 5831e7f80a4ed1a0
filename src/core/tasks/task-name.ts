/** The `mtask-…` names of tasks and of what the router does by itself: nodes keep them in `customMetadata`. */

/** `uuid`: of version 7, which begins with the milliseconds since the epoch. */
export function taskName(uuid: string): string {
  return `mtask-${uuid}`;
}

/** When the name was given, in milliseconds since the epoch; NaN: it does not say. */
export function namedAtMs(name: string): number {
  const [, high, low] = /^mtask-([0-9a-f]{8})-([0-9a-f]{4})-7/.exec(name) ?? [];
  return high === undefined || low === undefined ? Number.NaN : Number.parseInt(high + low, 16);
}
