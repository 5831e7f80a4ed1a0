/** What leaves the router besides answers: the change stream and traces. */
import { choice, decimal, entry, key, list, onOff, required, section, filled, text, wholeNumber } from "../key.ts";

const sink = entry(
  {
    type: required(choice("webhook", "nats", "kafka", "internal"), { doc: "Kind of the sink." }),
    url: key(text("an address"), "", { doc: "Where events go." }),
    batch_size: key(wholeNumber(1, 100000), 100, { doc: "Events sent at once." }),
    batch_flush_ms: key(wholeNumber(1, 600000), 1000, { doc: "Longest wait for a full batch." }),
    include_body: key(onOff(), false, { doc: "Send the documents too, not only their keys." }),
    retry_max_s: key(wholeNumber(0), 3600, { doc: "How long a batch is tried again." }),
    subject_prefix: key(text("text such as miroir.changes"), "", { doc: "Prefix of subjects or topics." }),
  },
  'a sink such as {type: webhook, url: "https://example.org/changes"}',
);

export const streamKeys = {
  cdc: section(
    { doc: "The stream of changes.", later: true },
    {
      enabled: key(onOff(), false, { doc: "Publish changes." }),
      emit_ttl_deletes: key(onOff(), false, { doc: "Publish deletions by expiry too." }),
      emit_internal_writes: key(onOff(), false, { doc: "Publish the router's own writes too." }),
      sinks: key(list(sink, "a list of sinks"), [], { doc: "Where changes go." }),
      buffer: section(
        { doc: "Changes that wait for their sink." },
        {
          primary: key(choice("memory"), "memory", { doc: "Where changes wait first." }),
          memory_bytes: key(wholeNumber(1048576), 67108864, { doc: "Most bytes in memory." }),
          overflow: key(choice("disk", "redis", "drop"), "disk", {
            doc: "Where they wait when memory is full; `drop` loses and counts them.",
          }),
          redis_bytes: key(wholeNumber(1048576), 1073741824, { doc: "Most bytes in Redis." }),
        },
      ),
    },
  ),
  tracing: section(
    { doc: "OpenTelemetry traces over gRPC.", later: true },
    {
      enabled: key(onOff(), false, { doc: "Send traces." }),
      endpoint: key(filled("an address such as http://127.0.0.1:4317"), "http://127.0.0.1:4317", {
        doc: "The collector.",
      }),
      service_name: key(filled("a name"), "miroir", { doc: "The resource's `service.name`." }),
      sample_rate: key(decimal(0, 1), 0.1, { doc: "Share of requests that are traced." }),
    },
  ),
};
