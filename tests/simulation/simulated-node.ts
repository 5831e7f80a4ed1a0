/**
 * A model of one Meilisearch node, as small as honesty allows: an asynchronous queue of tasks carried out one after the
 * other, documents, settings, `customMetadata`, lists of tasks. What is in the queue when a request is answered survives
 * a crash of the process; a task that was being carried out begins again. Held to the real engine by a contract test.
 */
import {
  changeSettings,
  deleteIds,
  type Json,
  newIndex,
  NodeFault,
  type NodeIndex,
  putDocuments,
  readFilter,
} from "./node-documents.ts";
import { detailsOf, failedDetails } from "./task-details.ts";

export type NodeWork =
  | {
      readonly type: "documentAdditionOrUpdate";
      readonly documents: readonly Json[];
      readonly merge: boolean;
      readonly primaryKey: string | null;
      readonly skipCreation: boolean;
    }
  | { readonly type: "documentDeletion"; readonly by: "ids"; readonly ids: readonly string[] }
  | { readonly type: "documentDeletion"; readonly by: "filter"; readonly filter: unknown }
  | { readonly type: "documentDeletion"; readonly by: "all" }
  | { readonly type: "settingsUpdate"; readonly patch: Json }
  | { readonly type: "indexCreation"; readonly primaryKey: string | null }
  | { readonly type: "indexUpdate"; readonly primaryKey: string | null; readonly newUid: string | null }
  | { readonly type: "indexDeletion" }
  | { readonly type: "indexSwap"; readonly swaps: readonly NodeSwap[] };

export interface NodeSwap {
  readonly indexes: readonly [string, string];
  readonly rename: boolean;
}

export interface SimulatedTask {
  readonly uid: number;
  indexUid: string | null;
  work: NodeWork;
  readonly customMetadata: string | null;
  status: "enqueued" | "processing" | "succeeded" | "failed";
  details: Json;
  error: Json | null;
  readonly enqueuedAtMs: number;
  startedAtMs: number | null;
  finishedAtMs: number | null;
  /** As it was last answered, and what of it has changed when that is out of date. */
  shown: (Pick<SimulatedTask, "status" | "startedAtMs" | "work" | "indexUid"> & { readonly text: string }) | null;
}

export interface NodeWorld {
  nowMs(): number;
  after(delayMs: number, work: () => void): () => void;
  /** How long the next task takes. */
  taskMs(): number;
  /** Present when somebody reads along. */
  readonly note?: (text: string) => void;
}

export class SimulatedNode {
  readonly id: string;
  readonly indexes = new Map<string, NodeIndex>();
  readonly tasks: SimulatedTask[] = [];
  isUp = true;
  isStalled = false;
  /** Somebody has changed its settings behind the router's back. */
  wasEdited = false;
  /** Planted: the next tasks of documents or of settings fail, two that wait change places, a deletion is not carried out, or of what had expired when it came. */
  failTasks = 0;
  failSettings = 0;
  swapTasks = 0;
  skipDeletes = 0;
  sweepsByKey = false;
  readonly #world: NodeWorld;
  /** Requests that reached a process that is stopped; it reads them when it goes on. */
  #unread: (() => void)[] = [];
  #cancelWork: (() => void) | null = null;
  #next = 0;

  constructor(id: string, world: NodeWorld) {
    this.id = id;
    this.#world = world;
  }

  /** `work` runs as soon as the process reads what arrived; never, when it is killed before. */
  whenRead(work: () => void): void {
    if (this.isStalled) this.#unread.push(work);
    else work();
  }

  stall(): void {
    this.isStalled = true;
    this.#cancelWork?.();
    this.#cancelWork = null;
  }

  /** What has arrived meanwhile is read in whatever order the threads come to it. */
  resume(spreadMs: () => number): void {
    if (!this.isStalled) return;
    this.isStalled = false;
    const unread = this.#unread;
    this.#unread = [];
    for (const work of unread) this.#world.after(spreadMs(), () => this.isUp && this.whenRead(work));
    this.#continue();
  }

  kill(): void {
    this.isUp = false;
    this.isStalled = false;
    this.#unread = [];
    this.#cancelWork?.();
    this.#cancelWork = null;
  }

  start(): void {
    if (this.isUp) return;
    this.isUp = true;
    const begun = this.tasks[this.#next];
    if (begun !== undefined) Object.assign(begun, { status: "enqueued", startedAtMs: null });
    this.#continue();
  }

  /** The disk is another one. */
  wipe(): void {
    this.indexes.clear();
    this.tasks.length = 0;
    this.#next = 0;
  }

  isIdle(): boolean {
    return this.#next >= this.tasks.length;
  }

  enqueue(indexUid: string | null, work: NodeWork, customMetadata: string | null): SimulatedTask {
    const task: SimulatedTask = {
      uid: this.tasks.length,
      indexUid,
      work,
      customMetadata,
      status: "enqueued",
      details: detailsOf(indexUid, work),
      error: null,
      enqueuedAtMs: this.#world.nowMs(),
      startedAtMs: null,
      finishedAtMs: null,
      shown: null,
    };
    this.tasks.push(task);
    if (this.swapTasks > 0) this.#swapWaiting();
    this.#continue();
    return task;
  }

  index(uid: string): NodeIndex {
    const index = this.indexes.get(uid);
    if (index === undefined) throw new NodeFault(404, "index_not_found", `Index \`${uid}\` not found.`);
    return index;
  }

  #continue(): void {
    if (this.#cancelWork !== null || !this.isUp || this.isStalled) return;
    const task = this.tasks[this.#next];
    if (task === undefined) return;
    task.status = "processing";
    task.startedAtMs = this.#world.nowMs();
    this.#cancelWork = this.#world.after(this.#world.taskMs(), () => {
      this.#cancelWork = null;
      this.#carryOut(task);
      this.#next += 1;
      this.#continue();
    });
  }

  #carryOut(task: SimulatedTask): void {
    try {
      this.#failAsPlanned(task.work.type);
      task.details = { ...task.details, ...this.#run(task, task.work) };
      task.status = "succeeded";
    } catch (error) {
      if (!(error instanceof NodeFault)) throw error;
      task.status = "failed";
      task.error = error.view();
      task.details = failedDetails(task.details);
    }
    task.finishedAtMs = this.#world.nowMs();
    const { indexUid, work, status } = task;
    this.#world.note?.(`${this.id} ${status} ${task.uid} ${indexUid} ${JSON.stringify(work).slice(0, 200)}`);
  }

  #failAsPlanned(type: NodeWork["type"]): void {
    const fails = type === "settingsUpdate" ? this.failSettings > 0 : type.startsWith("document") && this.failTasks > 0;
    if (!fails) return;
    if (type === "settingsUpdate") this.failSettings -= 1;
    else this.failTasks -= 1;
    throw new NodeFault(500, "internal", "An internal error has occurred. `No space left on device`.");
  }

  #run(task: SimulatedTask, work: NodeWork): Json {
    if (work.type === "indexSwap") {
      for (const { indexes } of work.swaps) this.#swap(task.uid, ...indexes);
      return {};
    }
    const uid = task.indexUid ?? "";
    if (work.type === "documentAdditionOrUpdate") return this.#put(uid, work);
    if (work.type === "documentDeletion") return { deletedDocuments: this.#delete(this.index(uid), work) };
    if (work.type === "settingsUpdate") changeSettings(this.#ensure(uid), work.patch);
    if (work.type === "indexCreation") this.#create(uid, work.primaryKey);
    if (work.type === "indexUpdate") this.#update(task.uid, this.index(uid), work);
    if (work.type !== "indexDeletion") return {};
    const deletedDocuments = this.index(uid).documents.size;
    this.indexes.delete(uid);
    return { deletedDocuments };
  }

  #put(uid: string, work: Extract<NodeWork, { type: "documentAdditionOrUpdate" }>): Json {
    const index = this.#ensure(uid);
    this.#fixKey(index, work.primaryKey);
    const known = (document: Json): boolean => index.documents.has(String(document[index.primaryKey ?? ""]));
    const documents = work.skipCreation ? work.documents.filter(known) : work.documents;
    putDocuments(index, documents, work.merge);
    // The engine counts what it has looked at, also what it has left out.
    return { indexedDocuments: new Set(work.documents.map((one) => one[index.primaryKey ?? ""])).size };
  }

  #delete(index: NodeIndex, work: Extract<NodeWork, { type: "documentDeletion" }>): number {
    if (this.skipDeletes > 0 && index.documents.size > 0) {
      this.skipDeletes -= 1;
      return 0;
    }
    if (work.by === "ids") return deleteIds(index, work.ids);
    const passes = work.by === "all" ? () => true : readFilter(index, work.filter, "invalid_document_filter");
    return deleteIds(
      index,
      [...index.documents].filter(([, document]) => passes(document)).map(([id]) => id),
    );
  }

  #update(before: number, index: NodeIndex, work: Extract<NodeWork, { type: "indexUpdate" }>): void {
    const { newUid, primaryKey } = work;
    if (newUid !== null && newUid !== index.uid && this.indexes.has(newUid)) throw alreadyExists(newUid);
    this.#fixKey(index, primaryKey);
    if (newUid === null || newUid === index.uid) return;
    this.indexes.delete(index.uid);
    this.indexes.set(newUid, { ...index, uid: newUid });
    this.#follow(before, index.uid, newUid);
  }

  #swap(before: number, left: string, right: string): void {
    const [one, other] = [this.index(left), this.index(right)];
    this.indexes.set(left, { ...other, uid: left });
    this.indexes.set(right, { ...one, uid: right });
    this.#follow(before, left, right);
  }

  /** Earlier tasks follow their index to its new name. */
  #follow(before: number, left: string, right: string): void {
    for (const task of this.tasks.slice(0, before)) {
      if (task.indexUid === left) task.indexUid = right;
      else if (task.indexUid === right) task.indexUid = left;
    }
  }

  #ensure(uid: string): NodeIndex {
    return this.indexes.get(uid) ?? this.#create(uid, null);
  }

  #create(uid: string, primaryKey: string | null): NodeIndex {
    if (this.indexes.has(uid)) throw alreadyExists(uid);
    const index = newIndex(uid, primaryKey, new Date(this.#world.nowMs()).toISOString());
    this.indexes.set(uid, index);
    return index;
  }

  #fixKey(index: NodeIndex, wanted: string | null): void {
    if (wanted === null || wanted === index.primaryKey) return;
    // An index without documents may get another key.
    if (index.primaryKey !== null && index.documents.size > 0) {
      const message = `Index \`${index.uid}\`: Index already has a primary key: \`${index.primaryKey}\`.`;
      throw new NodeFault(400, "index_primary_key_already_exists", message);
    }
    index.primaryKey = wanted;
  }

  #swapWaiting(): void {
    const [one, other] = this.tasks.slice(-2);
    const waits = (task: SimulatedTask | undefined): boolean =>
      task?.status === "enqueued" && task.work.type.startsWith("document");
    if (one === undefined || other === undefined || !waits(one) || !waits(other)) return;
    [one.work, other.work] = [other.work, one.work];
    this.swapTasks -= 1;
  }
}

function alreadyExists(uid: string): NodeFault {
  return new NodeFault(409, "index_already_exists", `Index \`${uid}\` already exists.`);
}
