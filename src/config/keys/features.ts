/** Features around an index: aliases, expiry, tenants, shadow traffic, rollover, canaries. */
import {
  checkedText,
  choice,
  decimal,
  entry,
  key,
  list,
  mapOf,
  onOff,
  orNull,
  required,
  section,
  filled,
  text,
  wholeNumber,
} from "../key.ts";

const shadowTarget = entry(
  {
    name: required(filled("a name"), { doc: "Name of the target, a metric label." }),
    url: required(filled("an address such as http://10.0.0.9:7700"), { doc: "Base URL of the target." }),
    api_key_env: key(text("the name of an environment variable"), "", {
      doc: "Environment variable that holds the target's key.",
    }),
    sample_rate: key(decimal(0, 1), 0.01, { doc: "Share of requests that are sent there as well." }),
    operations: key(list(filled("an operation such as search"), "a list such as [search]"), ["search"], {
      doc: "Kinds of requests that are sent there.",
    }),
  },
  'a target such as {name: next, url: "http://10.0.0.9:7700", sample_rate: 0.1}',
);

/** Fields that have a meaning of their own, and parts of fields, say no time. */
function isExpiryField(name: string): boolean {
  if (name === "_miroir_expires_at") return true;
  return (
    name !== "" && name.length <= 200 && !name.includes(".") && !/^(?:_geo|_geojson|_vectors|_miroir_.*)$/s.test(name)
  );
}

const sweepNumbers = entry(
  {
    sweep_interval_s: key(orNull(wholeNumber(1)), null, { doc: "Time between two sweeps of this index, in seconds." }),
    max_deletes_per_sweep: key(orNull(wholeNumber(1)), null, { doc: "Most documents removed by one sweep of it." }),
  },
  "a map such as {sweep_interval_s: 60}",
);

const group = wholeNumber(0, 63);

export const featureKeys = {
  aliases: section(
    { doc: "A second name for an index, switched at once.", later: true },
    {
      enabled: key(onOff(), true, { doc: "Serve aliases." }),
      history_retention: key(wholeNumber(0, 10000), 10, { doc: "Former targets remembered per alias." }),
      require_target_exists: key(onOff(), true, { doc: "Refuse an alias for an index that does not exist." }),
    },
  ),
  ttl: section(
    { doc: "Documents that expire." },
    {
      enabled: key(onOff(), false, {
        doc: "Documents may say when they expire, and are removed then. All routers of a fleet must agree.",
      }),
      sweep_interval_s: key(wholeNumber(1), 300, { doc: "Time between two sweeps of an index, in seconds." }),
      max_deletes_per_sweep: key(wholeNumber(1), 10000, {
        doc: "Most documents removed by one sweep of an index. Those of one shard that expire in the same millisecond go together.",
      }),
      expires_at_field: key(
        checkedText(isExpiryField, "the name of a field of documents, such as expires_at, without a dot"),
        "_miroir_expires_at",
        {
          doc: "Field in which a document says when it expires: whole milliseconds since 1970, or null for never. The one by default is hidden from answers; a field of the documents' own stays visible.",
        },
      ),
      per_index_overrides: key(
        mapOf(sweepNumbers, "a map such as {logs: {sweep_interval_s: 60}}"),
        {},
        { doc: "Other numbers for single indexes, by their uid." },
      ),
    },
  ),
  tenant_affinity: section(
    { doc: "Sending a tenant's searches always to the same replica group.", later: true },
    {
      enabled: key(onOff(), false, { doc: "Do so." }),
      mode: key(choice("header", "api_key", "explicit"), "header", { doc: "How the tenant of a request is found." }),
      header_name: key(filled("a header name"), "X-Miroir-Tenant", { doc: "Header that names the tenant." }),
      fallback: key(choice("hash", "random", "reject"), "hash", { doc: "What happens to a tenant without a group." }),
      static_map: key(mapOf(group, "a map such as {acme: 1}"), {}, { doc: "Tenant to replica group." }),
      dedicated_groups: key(list(group, "a list of group numbers such as [1]"), [], {
        doc: "Groups that only mapped tenants use.",
      }),
    },
  ),
  shadow: section(
    { doc: "Sending a copy of some requests elsewhere and comparing the answers.", later: true },
    {
      enabled: key(onOff(), false, { doc: "Send copies." }),
      targets: key(list(shadowTarget, "a list of targets"), [], { doc: "Where copies go." }),
      diff_buffer_size: key(wholeNumber(1, 10000000), 10000, { doc: "Differences kept for reading." }),
      max_shadow_latency_ms: key(wholeNumber(1, 600000), 5000, { doc: "A copy that takes longer is given up." }),
    },
  ),
  ilm: section(
    { doc: "Rolling an index over to a new one by age or size.", later: true },
    {
      enabled: key(onOff(), false, { doc: "Apply the policies." }),
      check_interval_s: key(wholeNumber(1), 3600, { doc: "Time between two checks." }),
      safety_lock_older_than_days: key(wholeNumber(0), 7, { doc: "Never delete an index younger than this." }),
      max_rollovers_per_check: key(wholeNumber(1, 10000), 10, { doc: "Most rollovers in one check." }),
    },
  ),
  canary_runner: section(
    { doc: "Golden queries that are run again and again.", later: true },
    {
      enabled: key(onOff(), true, { doc: "Run them." }),
      max_concurrent_canaries: key(wholeNumber(1, 1000), 10, { doc: "Most that run at once." }),
      run_history_per_canary: key(wholeNumber(1, 1000000), 100, { doc: "Results kept for each." }),
      emit_results_to_cdc: key(onOff(), true, { doc: "Write results to the change stream." }),
    },
  ),
};
