/** Reading documents: lists by GET or POST, and one by its id. */
import { documentsQueryString } from "../../core/search/documents-request.ts";
import { readDocument } from "../../services/documents/read-document.ts";
import { readDocuments, type ReadDocumentsDeps } from "../../services/documents/read-documents.ts";
import { jsonBody } from "../decode/json-body.ts";
import { jsonText } from "../respond.ts";
import type { RequestContext, Route } from "../route.ts";
import { withMinSettings } from "../settings-reads.ts";
import { reply } from "./search.ts";

export function documentsReadRoutes(deps: ReadDocumentsDeps): readonly Route[] {
  const access = { kind: "action", action: "documents.get" } as const;
  return [
    {
      method: "GET",
      path: "/indexes/{indexUid}/documents",
      access,
      answered: "asked of the nodes that cover all shards, merged in insertion order or by `sort`",
      async handler(context) {
        const parameters = documentsQueryString(context.query);
        const judgement = { method: "GET", path: pathAndQuery(context) } as const;
        const input = { indexUid: indexUid(context), parameters, judgement };
        return reply(context, await readDocuments(withMinSettings(deps, context), input, context.signal));
      },
    },
    {
      method: "POST",
      path: "/indexes/{indexUid}/documents/fetch",
      access,
      answered: "as the list by GET",
      async handler(context) {
        const { text, value } = await jsonBody(context);
        const judgement = { method: "POST", path: context.path, body: text } as const;
        const input = { indexUid: indexUid(context), parameters: value, judgement };
        return reply(context, await readDocuments(withMinSettings(deps, context), input, context.signal));
      },
    },
    {
      method: "GET",
      path: "/indexes/{indexUid}/documents/{documentId}",
      access,
      answered: "from one owner of the document's shard, the next one if it does not answer",
      async handler(context) {
        const text = await readDocument(
          withMinSettings(deps, context),
          {
            indexUid: indexUid(context),
            documentId: context.params["documentId"] ?? "",
            rawQuery: context.rawQuery,
            judgement: { method: "GET", path: pathAndQuery(context) },
          },
          context.signal,
        );
        return jsonText(200, text);
      },
    },
  ];
}

function indexUid(context: RequestContext): string {
  return context.params["indexUid"] ?? "";
}

function pathAndQuery({ path, rawQuery }: RequestContext): string {
  return rawQuery === "" ? path : `${path}?${rawQuery}`;
}
