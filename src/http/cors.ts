/** Cross-origin rules as the engine answers them: every page may do what its key allows. */

/** Of every answer: whether a browser may reuse it depends on these. */
export const CORS_VARY = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";

/** The answer to a browser that asks before it sends, or null when that is not what it does. */
export function preflight(method: string, headers: Headers, id: string): Response | null {
  const asked = headers.get("access-control-request-method");
  if (method !== "OPTIONS" || asked === null) return null;
  if (!METHODS.includes(asked)) {
    return new Response("Requested method is not allowed", { status: 400, headers: { "x-request-id": id } });
  }
  const wanted = headers.get("access-control-request-headers");
  return new Response(null, {
    status: 200,
    headers: {
      "access-control-allow-origin": "*",
      "access-control-allow-methods": METHODS.join(", "),
      ...(wanted !== null && { "access-control-allow-headers": wanted }),
      "access-control-max-age": "86400",
      vary: CORS_VARY,
      "x-request-id": id,
    },
  });
}

const METHODS: readonly string[] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT"];
