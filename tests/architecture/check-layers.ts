/** Finds imports that go against the layers. Each violation is a sentence with the rule in it. */
import { doors, entryPoints, layers, orders } from "./layers.ts";
import { importsOf, resolveImport, type SourceFile } from "./source-files.ts";

export function checkLayers(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap((file) => importsOf(file).flatMap((specifier) => checkImport(file, specifier)));
}

/** Files that no other file of `src` imports and that are no entry point. */
export function checkDeadFiles(files: readonly SourceFile[]): readonly string[] {
  const imported = new Set(files.flatMap((file) => importsOf(file).map((specifier) => resolveImport(file, specifier))));
  const dead = files.filter(({ path }) => !imported.has(path) && !Object.hasOwn(entryPoints, path));
  return dead.map(({ path }) => `${path}: nothing in src imports it; use it, name it as an entry point or remove it`);
}

function checkImport(file: SourceFile, specifier: string): readonly string[] {
  const from = roomOf(file.path);
  const layer = layers[from];
  if (layer === undefined) return [`${file.path}: the room ${from} has no row in layers.ts`];
  const path = resolveImport(file, specifier);
  if (path === null) {
    return layer.noPackages === true ? [`${file.path} imports the package ${specifier}: ${layer.rule}`] : [];
  }
  // Text that is imported from outside of `src`, such as migrations.
  if (path.startsWith("..")) return layer.noPackages === true ? [`${file.path} imports ${path}: ${layer.rule}`] : [];
  const to = roomOf(path);
  if (to !== from && !layer.mayImport.includes(to)) return [`${file.path} imports ${path}: ${layer.rule}`];
  const shut = doors.find(
    (door) => path.startsWith(door.to) && !door.only.some((start) => file.path.startsWith(start)),
  );
  if (shut !== undefined) return [`${file.path} imports ${path}: ${shut.rule}`];
  return to === from ? checkOrder(file.path, path, from) : [];
}

function checkOrder(fromPath: string, toPath: string, room: string): readonly string[] {
  const order = orders[room];
  const from = fromPath.split("/")[1]!;
  const to = toPath.split("/")[1]!;
  if (order === undefined || from === to) return [];
  const fromRow = order.findIndex((row) => row.includes(from));
  const toRow = order.findIndex((row) => row.includes(to));
  if (fromRow === -1 || toRow === -1) {
    return [`${fromPath} imports ${toPath}: ${fromRow === -1 ? from : to} has no place in the order of ${room}`];
  }
  return toRow < fromRow ? [] : [`${fromPath} imports ${toPath}: in ${room}, ${to} does not stand before ${from}`];
}

function roomOf(path: string): string {
  return path.split("/")[0]!;
}
