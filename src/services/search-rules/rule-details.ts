/** The details of a task about search rules: as a node reports them, with the positions that the client sent. */
import { isObject, type JsonObject } from "../../core/settings/json-shape.ts";
import type { Task } from "../../core/tasks/task.ts";

export function ruleDetails(task: Task): JsonObject {
  const reported = task.nodeTasks.find((one) => one.role === "main" && one.details !== undefined)?.details;
  const details = reported ?? task.details ?? {};
  const { rule } = details;
  return rule === undefined ? details : { ...details, rule: withPositionsOf(rule, task.details?.["rule"]) };
}

function withPositionsOf(rule: unknown, sent: unknown): unknown {
  if (!isObject(rule) || !isObject(sent)) return rule;
  const { actions } = rule;
  const wanted = sent["actions"];
  if (!Array.isArray(actions) || !Array.isArray(wanted)) return rule;
  return { ...rule, actions: actions.map((action, i) => withPositionOf(action, (wanted as readonly unknown[])[i])) };
}

function withPositionOf(action: unknown, sent: unknown): unknown {
  if (!isObject(action) || !isObject(sent)) return action;
  const pin = action["action"];
  const wanted = sent["action"];
  if (!isObject(pin) || !isObject(wanted)) return action;
  return { ...action, action: { ...pin, position: wanted["position"] } };
}
