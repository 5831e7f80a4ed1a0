/** The write path: validation, workers, broadcasts, and what makes repeated writes safe. */
import { autoOr, choice, key, onOff, section, wholeNumber } from "../key.ts";

export const writesKeys = {
  documents: section(
    { doc: "Documents that clients send." },
    {
      validation: key(choice("sync", "task"), "sync", {
        doc: "`sync`: a bad document is refused with 400 before anything is sent. `task`: 202 and a failed task, as one node does.",
        reloadable: true,
      }),
    },
  ),
  workers: section(
    { doc: "Threads for large bodies, so that small requests do not wait behind them." },
    {
      count: key(autoOr(wholeNumber(0, 64)), "auto", {
        doc: "Number of threads; `auto` follows the processors, 0 works on the main thread.",
      }),
      min_bytes: key(wholeNumber(0), 65536, { doc: "Bodies below this stay on the main thread." }),
    },
  ),
  broadcast: section(
    { doc: "Operations that every node must do: indexes, settings, keys." },
    {
      policy: key(choice("all", "available"), "all", {
        doc: "When a node is down: `all` refuses with 503 and names it; `available` goes on without it and catches it up later.",
        reloadable: true,
      }),
    },
  ),
  settings_broadcast: section(
    { doc: "How a change of settings reaches every node." },
    {
      strategy: key(choice("two_phase", "sequential"), "two_phase", {
        doc: "`two_phase` changes all nodes and verifies before it is done; `sequential` goes node by node.",
        reloadable: true,
      }),
      verify_timeout_s: key(wholeNumber(1, 3600), 60, { doc: "Longest wait for the nodes to agree." }),
      max_repair_retries: key(wholeNumber(0, 100), 3, { doc: "Attempts to repair a node that differs." }),
      freeze_writes_on_unrepairable: key(onOff(), true, {
        doc: "Refuse writes to an index whose nodes cannot be brought to agree.",
      }),
    },
  ),
  settings_drift_check: section(
    { doc: "Looking for nodes whose settings were changed behind the router's back." },
    {
      interval_s: key(wholeNumber(1, 86400), 300, { doc: "Time between two looks." }),
      auto_repair: key(onOff(), true, { doc: "Put such settings right; otherwise they are only reported." }),
    },
  ),
  idempotency: section(
    { doc: "`Idempotency-Key`: a repeated write is done once." },
    {
      enabled: key(onOff(), true, { doc: "Honour the header." }),
      ttl_seconds: key(wholeNumber(1), 86400, { doc: "How long a key is remembered." }),
      max_cached_keys: key(wholeNumber(1), 1000000, { doc: "Most keys remembered." }),
    },
  ),
  session_pinning: section(
    { doc: "`X-Miroir-Session`: a client reads its own writes.", later: true },
    {
      enabled: key(onOff(), true, { doc: "Honour the header." }),
      ttl_seconds: key(wholeNumber(1), 900, { doc: "How long an unused session is kept." }),
      max_sessions: key(wholeNumber(1), 100000, { doc: "Most sessions kept." }),
      wait_strategy: key(choice("block", "route_pin"), "block", {
        doc: "`block` waits until the session's last write is done; `route_pin` reads from the replica group that has it.",
      }),
      max_wait_ms: key(wholeNumber(0, 600000), 5000, { doc: "Longest wait of a read." }),
    },
  ),
};
