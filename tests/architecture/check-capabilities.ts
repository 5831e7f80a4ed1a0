/** Finds code that takes a power which is kept elsewhere, such as reading the clock in a service. */
import { capabilities } from "./layers.ts";
import { codeOf, type SourceFile } from "./source-files.ts";

export function checkCapabilities(files: readonly SourceFile[]): readonly string[] {
  return files.filter(({ path }) => !path.startsWith("devnode/")).flatMap(checkFile);
}

function checkFile(file: SourceFile): readonly string[] {
  const code = codeOf(file.text).split("\n");
  const lines = file.text.split("\n");
  return capabilities
    .filter(({ onlyIn }) => !onlyIn.some((start) => file.path.startsWith(start)))
    .flatMap(({ what, pattern, instead }) =>
      code.flatMap((line, i) => {
        // An import names its module in a text, which is not code.
        const seen = /^\s*import\b/.test(line) ? lines[i]! : line;
        return pattern.test(seen) ? [`${file.path}:${i + 1} uses ${what}: ${instead}`] : [];
      }),
    );
}
