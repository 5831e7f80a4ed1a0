/**
 * What is wrong with a JSON text and where, in the words and with the line and column of the engine's own parser. It
 * is thrown inside the scanner, whose inner loops would be slower with results to check, and never leaves this folder:
 * `scan-batch.ts` turns it into a value.
 */
export class JsonFault extends Error {
  override readonly name = "JsonFault";
  /** Bytes that the parser had consumed when it gave up; line and column are those of this offset. */
  readonly offset: number;

  constructor(reason: string, offset: number) {
    super(reason);
    this.offset = offset;
  }
}

/** `expected value at line 1 column 3`. */
export function describeFault(fault: JsonFault, bytes: Uint8Array): string {
  const end = Math.min(fault.offset, bytes.length);
  let line = 1;
  let lineStart = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0 && at < end; at = bytes.indexOf(NEWLINE, at + 1)) {
    line += 1;
    lineStart = at + 1;
  }
  return `${fault.message} at line ${line} column ${end - lineStart}`;
}

/** The message of the 400; the engine keeps it short however long the quoted input is. */
export function malformedMessage(format: string, reason: string): string {
  return `The \`${format}\` payload provided is malformed. \`Couldn't serialize document value: ${shorten(reason)}\`.`;
}

function shorten(reason: string): string {
  if (reason.length <= PREFIX_LENGTH + SUFFIX_LENGTH + 3) return reason;
  return `${reason.slice(0, PREFIX_LENGTH)}...${reason.slice(-SUFFIX_LENGTH)}`;
}

const PREFIX_LENGTH = 50;
const SUFFIX_LENGTH = 85;
const NEWLINE = 0x0a;
