/** Rendering a template; behind the engine's own switch. */
import { renderTemplate, type RenderTemplateDeps, templateIndexes } from "../../services/templates/render-template.ts";
import { INVALID_KEY_MESSAGE, invalidKey } from "../auth/bearer.ts";
import { jsonBody } from "../decode/json-body.ts";
import { behindFeature, type FeatureGateDeps } from "../feature-gate.ts";
import { jsonText } from "../respond.ts";
import type { Route } from "../route.ts";

export function renderTemplateRoutes(deps: RenderTemplateDeps & FeatureGateDeps): readonly Route[] {
  const render = behindFeature(deps, "renderRoute", async (context) => {
    const { text, value } = await jsonBody(context);
    const allowed = templateIndexes(value).every((uid) => context.authority.allowsIndex(uid));
    if (!allowed) throw invalidKey(INVALID_KEY_MESSAGE);
    return jsonText(200, await renderTemplate(deps, text, value, context.signal));
  });
  return [
    {
      method: "POST",
      path: "/render-template",
      access: { kind: "action", action: "settings.get" },
      answered: "by an owner of the document it names, else by any node, while `renderRoute` is on",
      handler: async (context) => {
        // The engine asks for both rights.
        if (!context.authority.allowsAction("documents.get")) throw invalidKey(INVALID_KEY_MESSAGE);
        return render(context);
      },
    },
  ];
}
