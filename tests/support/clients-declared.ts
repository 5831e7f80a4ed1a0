/**
 * The public methods of the official JavaScript client, read from its type declarations, and a record of those that
 * were really called: a test that claims to exercise a client in full can then be held to it.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Index, Meilisearch } from "meilisearch";

const FOLDER = dirname(Bun.resolveSync("meilisearch", import.meta.dir));

/** Declaration file and class of everything a caller gets hold of. */
const CLASSES = [
  ["meilisearch.d.ts", "Meilisearch"],
  ["indexes.d.ts", "Index"],
  ["task.d.ts", "TaskClient"],
  ["batch.d.ts", "BatchClient"],
  ["chat-workspace.d.ts", "ChatWorkspace"],
] as const;

/** `Class.method` of all of them, in the order of the declarations. */
export function declaredMethods(): readonly string[] {
  return CLASSES.flatMap(([file, name]) => {
    const text = readFileSync(join(FOLDER, file), "utf8").replaceAll(/\/\*[\s\S]*?\*\//g, "");
    const body = new RegExp(`declare class ${name}\\b[^{]*\\{([\\s\\S]*?)\\n\\}`).exec(text)?.[1] ?? "";
    const methods = body.matchAll(/^ {4}(?:static |get )?([a-zA-Z]\w*)(?:<.*>)?\(/gm);
    return [...methods]
      .map((match) => `${name}.${match[1] ?? ""}`)
      .filter((method) => !method.endsWith(".constructor"));
  });
}

/** From now on every call of a method adds its name to the set; `restore` ends that. */
export function watchCalls(): { readonly called: ReadonlySet<string>; restore(): void } {
  const called = new Set<string>();
  const client = new Meilisearch({ host: "http://127.0.0.1:1" });
  const restorers = [
    watch("Meilisearch", Meilisearch.prototype, called),
    watch("Meilisearch", Meilisearch, called),
    watch("Index", Index.prototype, called),
    watch("Index", Index, called),
    watch("TaskClient", Object.getPrototypeOf(client.tasks) as object, called),
    watch("BatchClient", Object.getPrototypeOf(client.batches) as object, called),
    watch("ChatWorkspace", Object.getPrototypeOf(client.chat("any")) as object, called),
  ];
  called.clear();
  return {
    called,
    restore() {
      for (const restore of restorers) restore();
    },
  };
}

function watch(name: string, target: object, called: Set<string>): () => void {
  const originals = Object.entries(Object.getOwnPropertyDescriptors(target)).filter(
    ([member]) => !["constructor", "prototype", "length", "name"].includes(member),
  );
  for (const [member, descriptor] of originals) {
    const note = (): void => void called.add(`${name}.${member}`);
    Object.defineProperty(target, member, watched(descriptor, note));
  }
  return () => {
    for (const [member, descriptor] of originals) Object.defineProperty(target, member, descriptor);
  };
}

function watched(descriptor: PropertyDescriptor, note: () => void): PropertyDescriptor {
  if ("get" in descriptor) {
    return {
      ...descriptor,
      get(this: unknown) {
        note();
        return descriptor.get?.call(this) as unknown;
      },
    };
  }
  if (typeof descriptor.value !== "function") return descriptor;
  const original = descriptor.value as (...args: unknown[]) => unknown;
  return {
    ...descriptor,
    value(this: unknown, ...args: unknown[]) {
      note();
      return original.apply(this, args);
    },
  };
}
