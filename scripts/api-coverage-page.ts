/** `docs/api-coverage.md`: every route from the route table, the engine's and Miroir's own, and how it is answered. */
import { allRoutes } from "../src/http/routes/all.ts";
import type { Access, Route } from "../src/http/route.ts";

/** The routes as data. Their handlers are never called, so what they would need is never looked at. */
export function documentedRoutes(): readonly Route[] {
  const anything: unknown = new Proxy(() => anything, { get: () => anything });
  return allRoutes(
    new Proxy({ adminEnabled: true, taskNames: false } as never, {
      get: (target, name) =>
        name in (target as object) ? (target as Record<string | symbol, unknown>)[name] : anything,
    }),
  );
}

export function apiCoveragePage(generated: string): string {
  const routes = documentedRoutes();
  const engine = routes.filter(({ path }) => !isOwn(path));
  const own = routes.filter(({ path }) => isOwn(path));
  const refused = engine.filter((route) => isRefused(route)).length;
  return [
    "# Routes",
    "",
    `${generated} From \`src/http/routes\`.`,
    "",
    `Of the engine's ${engine.length} routes ${engine.length - refused} are served; the others are refused with`,
    "`501 miroir_not_supported` and a sentence that says what to use instead.",
    "",
    "## The engine's",
    "",
    ...table(engine),
    "",
    "## Miroir's own",
    "",
    ...table(own),
    "",
  ].join("\n");
}

export function isRefused(route: Route): boolean {
  return route.answered.startsWith("Refused: ");
}

function isOwn(path: string): boolean {
  return path.startsWith("/_miroir/") || path.startsWith("/ui/") || path.endsWith("/explain");
}

function table(routes: readonly Route[]): string[] {
  const rows = routes.map((route) => {
    const how = isRefused(route)
      ? `**refused**: ${route.answered.slice("Refused: ".length)}`
      : route.answered.replace(/\.$/, "");
    return `| ${route.method} | \`${route.path}\` | ${rightOf(route.access)} | ${capitalised(how)} |`;
  });
  return ["| method | path | right | how it is answered |", "| --- | --- | --- | --- |", ...rows];
}

function rightOf(access: Access): string {
  if (access.kind === "action") return `\`${access.action}\``;
  return access.kind === "admin" ? "admin key" : "none";
}

function capitalised(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
