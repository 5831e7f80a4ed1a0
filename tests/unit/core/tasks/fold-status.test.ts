/** What many node tasks make of one task. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { foldStatus } from "../../../../src/core/tasks/fold-status.ts";
import type { NodeTask } from "../../../../src/core/tasks/task.ts";

function node(nodeId: string, status: NodeTask["status"], change: Partial<NodeTask> = {}): NodeTask {
  return { nodeId, taskUid: 1, role: "main", status, ...change };
}

const bad = (message: string, code = "invalid_document_id") => ({
  error: { message, code, type: "invalid_request", link: "" },
});

describe("while something is open", () => {
  test("it is enqueued until any node has started", () => {
    expect(foldStatus([node("a", "enqueued"), node("b", "enqueued")]).status).toBe("enqueued");
    expect(foldStatus([node("a", "enqueued"), node("b", "processing")]).status).toBe("processing");
    expect(foldStatus([node("a", "enqueued"), node("b", "succeeded")]).status).toBe("processing");
    expect(foldStatus([node("a", "enqueued"), node("b", "hinted")]).status).toBe("enqueued");
  });

  test("a failure is told only when every node is done, so that it names all of them", () => {
    expect(foldStatus([node("a", "failed", bad("no")), node("b", "processing")])).toMatchObject({
      status: "processing",
      error: null,
      finishedAt: null,
    });
  });
});

describe("when nothing is open any more", () => {
  test("it succeeded when all succeeded, with the earliest start and the latest end", () => {
    const folded = foldStatus([
      node("a", "succeeded", { startedAt: 20, finishedAt: 30 }),
      node("b", "succeeded", { startedAt: 10, finishedAt: 25 }),
    ]);
    expect(folded).toEqual({ status: "succeeded", error: null, startedAt: 10, finishedAt: 30 });
  });

  test("a node that is away and has a hint does not hold it up", () => {
    expect(foldStatus([node("a", "succeeded"), node("b", "hinted")]).status).toBe("succeeded");
    expect(foldStatus([node("a", "failed", bad("no")), node("b", "hinted")]).status).toBe("failed");
  });

  test("with hints alone nobody has done anything yet", () => {
    expect(foldStatus([node("a", "hinted"), node("b", "hinted")]).status).toBe("enqueued");
  });

  test("without node tasks there was nothing to do", () => {
    expect(foldStatus([]).status).toBe("succeeded");
  });

  test("nodes that fail alike are quoted once, in the node's own words", () => {
    const folded = foldStatus([node("a", "failed", bad("The id is bad.")), node("b", "failed", bad("The id is bad."))]);
    expect(folded.error).toEqual(bad("The id is bad.").error);
  });

  test("nodes that fail differently are named", () => {
    const folded = foldStatus([
      node("a", "failed", bad("One.", "first_code")),
      node("b", "failed", bad("Two.")),
      node("c", "failed", bad("One.")),
      node("d", "succeeded"),
    ]);
    expect(folded.error).toMatchObject({ code: "first_code", message: "One. (a, c) Two. (b)" });
  });

  test("a node that has forgotten its task makes it fail with a clear error", () => {
    const folded = foldStatus([node("a", "succeeded"), node("b", "lost", { taskUid: 77 })]);
    expect(folded.status).toBe("failed");
    expect(folded.error).toMatchObject({ code: "miroir_node_task_lost" });
    expect(folded.error?.message).toContain("b no longer knows its task 77");
  });

  test("a tolerated failure of a preparing task counts as success, another one does not", () => {
    const creating = { role: "prepare", tolerated: ["index_already_exists"] } as const;
    const exists = node("a", "failed", { ...creating, ...bad("It exists.", "index_already_exists") });
    const other = node("a", "failed", { ...creating, ...bad("Full.", "no_space_left_on_device") });
    expect(foldStatus([exists, node("a", "succeeded")])).toMatchObject({ status: "succeeded", error: null });
    expect(foldStatus([other, node("a", "succeeded")]).error?.code).toBe("no_space_left_on_device");
  });

  test("it is canceled when every node canceled it, whatever became of the preparing tasks", () => {
    const prepared = node("a", "succeeded", { role: "prepare" });
    expect(foldStatus([prepared, node("a", "canceled"), node("b", "canceled")]).status).toBe("canceled");
  });

  test("canceled on some nodes and carried out on others is a failure that names both", () => {
    const { status, error } = foldStatus([node("a", "canceled"), node("b", "succeeded")]);
    expect(status).toBe("failed");
    expect(error?.code).toBe("miroir_task_partly_canceled");
    expect(error?.message).toContain("canceled on a after b had carried it out");
  });
});

const anyStatus = fc.constantFrom<NodeTask["status"]>(
  "enqueued",
  "processing",
  "succeeded",
  "failed",
  "canceled",
  "hinted",
  "lost",
);

test("the order of the nodes never changes the status", () => {
  fc.assert(
    fc.property(fc.array(anyStatus, { maxLength: 8 }), (statuses) => {
      const nodes = statuses.map((status, n) => node(`n${n}`, status));
      expect(foldStatus(nodes.toReversed()).status).toBe(foldStatus(nodes).status);
    }),
  );
});

test("it never succeeds while an owner is busy, has failed, has forgotten or was canceled", () => {
  fc.assert(
    fc.property(fc.array(anyStatus, { minLength: 1, maxLength: 8 }), (statuses) => {
      const { status } = foldStatus(statuses.map((one, n) => node(`n${n}`, one)));
      const clean = statuses.every((one) => one === "succeeded" || one === "hinted");
      expect(status === "succeeded").toBe(clean && statuses.includes("succeeded"));
    }),
  );
});
