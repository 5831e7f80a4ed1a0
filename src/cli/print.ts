/** The only writer of standard output and standard error outside of the log; tables fit the terminal. */
export function print(text: string): void {
  write(process.stdout, text);
}

export function printError(text: string): void {
  write(process.stderr, text);
}

const guarded = new WeakSet<NodeJS.WriteStream>();

/** A reader that went away (`miroir … | head`) is no failure of ours. */
function write(stream: NodeJS.WriteStream, text: string): void {
  if (!guarded.has(stream)) {
    guarded.add(stream);
    stream.on("error", () => {});
  }
  stream.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

export function printTable(headers: readonly string[], rows: readonly (readonly string[])[]): void {
  print(renderTable(headers, rows, terminalWidth()));
}

/** Columns of the terminal; null when standard output is no terminal, then nothing is shortened. */
export function terminalWidth(): number | null {
  return process.stdout.isTTY ? process.stdout.columns : null;
}

/** Closes both streams and resolves when everything printed has left the process; the last act before it ends. */
export async function finishOutput(): Promise<void> {
  await Promise.all([process.stdout, process.stderr].map((stream) => ended(stream)));
}

function ended(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.once("error", () => resolve());
    stream.once("close", () => resolve());
    stream.end(() => resolve());
  });
}

const GAP = "  ";
const NARROWEST = 6;

/** Left-aligned columns, numbers to the right; too wide for `width`, the widest columns are cut with an ellipsis. */
export function renderTable(
  headers: readonly string[],
  rows: readonly (readonly string[])[],
  width: number | null,
): string {
  const widths = headers.map((header, column) =>
    Math.max(...[header, ...rows.map((row) => row[column] ?? "")].map((cell) => Bun.stringWidth(cell))),
  );
  if (width !== null) shrink(widths, width);
  const numeric = headers.map(
    (_, column) => rows.length > 0 && rows.every((row) => /^[-0-9.,]+$/.test(row[column] ?? "")),
  );
  const line = (cells: readonly string[]): string =>
    headers
      .map((_, column) => fit(cells[column] ?? "", widths[column] ?? 0, numeric[column] === true))
      .join(GAP)
      .trimEnd();
  return [line(headers.map((header) => header.toUpperCase())), ...rows.map(line)].join("\n");
}

function shrink(widths: number[], total: number): void {
  const gaps = GAP.length * (widths.length - 1);
  for (;;) {
    const sum = widths.reduce((all, width) => all + width, gaps);
    const widest = widths.indexOf(Math.max(...widths));
    const current = widths[widest] ?? 0;
    if (sum <= total || current <= NARROWEST) return;
    widths[widest] = Math.max(NARROWEST, current - (sum - total));
    // Cut no deeper than the next widest column in one step, so that the loss is shared.
    const next = Math.max(...widths.filter((_, column) => column !== widest), NARROWEST);
    if ((widths[widest] ?? 0) < next) widths[widest] = Math.min(current - 1, next);
  }
}

function fit(cell: string, width: number, toTheRight: boolean): string {
  let text = cell;
  if (Bun.stringWidth(text) > width) {
    while (Bun.stringWidth(text) > width - 1) text = text.slice(0, -1);
    text += "…";
  }
  const padding = " ".repeat(Math.max(0, width - Bun.stringWidth(text)));
  return toTheRight ? padding + text : text + padding;
}
