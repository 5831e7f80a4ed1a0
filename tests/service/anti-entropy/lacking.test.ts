/** A node that serves and says, while it is compared, that it lacks what every copy has, is not only asked again and again. */
import { expect, test } from "bun:test";
import { answered, type NodeHandler, refused } from "../../support/fake-node-client.ts";
import { repairRig } from "./repair-rig.ts";

const refusing =
  (code: string, message: string): NodeHandler =>
  () =>
    refused("a", 400, code, message);

const NOT_FILTERABLE = "Index `films`: Attribute `_miroir_shard` is not filterable. This index does not have any.";

test.each([
  ["the markers", refusing("invalid_document_filter", NOT_FILTERABLE)],
  ["the index", refusing("index_not_found", "Index `films` not found.")],
])("a node that lacks %s is told of, and the shard stays open", async (_what, handler) => {
  const rig = repairRig();
  rig.clients.get("a")?.answerWith(handler);
  expect(await rig.compare()).toMatchObject({ state: "open", differing: 0 });
  expect(rig.lacking).toEqual(["a films"]);
});

test("a node that is being repaired, refuses for another reason or answers nonsense is not", async () => {
  const rig = repairRig();
  rig.clients.get("a")?.answerWith(refusing("invalid_document_filter", NOT_FILTERABLE));
  rig.standing.a = "under repair";
  expect(await rig.compare()).toMatchObject({ state: "open" });
  rig.standing.a = "serves";
  rig.clients.get("a")?.answerWith(refusing("internal", "An internal error has occurred."));
  expect(await rig.compare()).toMatchObject({ state: "open" });
  rig.clients.get("a")?.answerWith(() => answered("a", "nonsense"));
  expect(await rig.compare()).toMatchObject({ state: "open" });
  expect(rig.lacking).toEqual([]);
});
