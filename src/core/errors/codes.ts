/**
 * Every error code the router itself may answer, one row each: status, type, link. Codes that only nodes produce are
 * passed on verbatim and need no row. `docs/errors.md` is generated from the rows that are Miroir's own.
 */
export type ErrorType = "invalid_request" | "auth" | "internal" | "system";

export interface ErrorCodeRow {
  readonly status: number;
  readonly type: ErrorType;
  readonly link: string;
  /** Cause and cure, for `docs/errors.md`; only codes of Miroir's own have it. */
  readonly explanation?: string;
}

const engine = (status: number, code: string, type: ErrorType = "invalid_request"): ErrorCodeRow => ({
  status,
  type,
  link: `https://docs.meilisearch.com/errors#${code}`,
});

const own = (status: number, code: string, type: ErrorType, explanation: string): ErrorCodeRow => ({
  status,
  type,
  link: `docs/errors.md#${code}`,
  explanation,
});

const rows = {
  bad_request: engine(400, "bad_request"),
  internal: engine(500, "internal", "internal"),
  payload_too_large: engine(413, "payload_too_large"),
  malformed_payload: engine(400, "malformed_payload"),
  missing_payload: engine(400, "missing_payload"),
  missing_content_type: engine(415, "missing_content_type"),
  invalid_content_type: engine(415, "invalid_content_type"),
  not_found: engine(404, "not_found"),
  missing_authorization_header: engine(401, "missing_authorization_header", "auth"),
  missing_master_key: engine(401, "missing_master_key", "auth"),
  invalid_api_key: engine(403, "invalid_api_key", "auth"),
  api_key_not_found: engine(404, "api_key_not_found"),
  index_not_found: engine(404, "index_not_found"),
  index_already_exists: engine(409, "index_already_exists"),
  invalid_index_uid: engine(400, "invalid_index_uid"),
  invalid_index_offset: engine(400, "invalid_index_offset"),
  invalid_index_limit: engine(400, "invalid_index_limit"),
  invalid_stats_show_internal_database_sizes: engine(400, "invalid_stats_show_internal_database_sizes"),
  invalid_stats_size_format: engine(400, "invalid_stats_size_format"),
  invalid_api_key_offset: engine(400, "invalid_api_key_offset"),
  invalid_api_key_limit: engine(400, "invalid_api_key_limit"),
  invalid_multi_search_facet_order: engine(400, "invalid_multi_search_facet_order"),
  invalid_multi_search_query_ranking_rules: engine(400, "invalid_multi_search_query_ranking_rules"),
  document_not_found: engine(404, "document_not_found"),
  invalid_document_id: engine(400, "invalid_document_id"),
  not_found_similar_id: engine(400, "not_found_similar_id"),
  invalid_similar_filter: engine(400, "invalid_similar_filter"),
  missing_document_id: engine(400, "missing_document_id"),
  task_not_found: engine(404, "task_not_found"),
  task_file_not_found: engine(404, "task_file_not_found"),
  batch_not_found: engine(404, "batch_not_found"),
  invalid_task_uids: engine(400, "invalid_task_uids"),
  invalid_batch_uids: engine(400, "invalid_batch_uids"),
  invalid_task_limit: engine(400, "invalid_task_limit"),
  invalid_task_from: engine(400, "invalid_task_from"),
  invalid_task_reverse: engine(400, "invalid_task_reverse"),
  invalid_task_canceled_by: engine(400, "invalid_task_canceled_by"),
  invalid_task_types: engine(400, "invalid_task_types"),
  invalid_task_statuses: engine(400, "invalid_task_statuses"),
  invalid_task_after_enqueued_at: engine(400, "invalid_task_after_enqueued_at"),
  invalid_task_before_enqueued_at: engine(400, "invalid_task_before_enqueued_at"),
  invalid_task_after_started_at: engine(400, "invalid_task_after_started_at"),
  invalid_task_before_started_at: engine(400, "invalid_task_before_started_at"),
  invalid_task_after_finished_at: engine(400, "invalid_task_after_finished_at"),
  invalid_task_before_finished_at: engine(400, "invalid_task_before_finished_at"),
  missing_task_filters: engine(400, "missing_task_filters"),
  feature_not_enabled: engine(400, "feature_not_enabled"),
  index_primary_key_already_exists: engine(400, "index_primary_key_already_exists"),
  index_primary_key_no_candidate_found: engine(400, "index_primary_key_no_candidate_found"),
  index_primary_key_multiple_candidates_found: engine(400, "index_primary_key_multiple_candidates_found"),
  invalid_document_csv_delimiter: engine(400, "invalid_document_csv_delimiter"),
  invalid_skip_creation: engine(400, "invalid_skip_creation"),
  invalid_document_geo_field: engine(400, "invalid_document_geo_field"),
  invalid_vectors_type: engine(400, "invalid_vectors_type"),
  invalid_vector_dimensions: engine(400, "invalid_vector_dimensions"),
  vector_embedding_error: engine(400, "vector_embedding_error"),
  invalid_webhooks: engine(400, "invalid_webhooks"),
  invalid_webhook_url: engine(400, "invalid_webhook_url"),
  invalid_webhook_headers: engine(400, "invalid_webhook_headers"),
  immutable_webhook: engine(400, "immutable_webhook"),
  webhook_not_found: engine(404, "webhook_not_found"),
  missing_document_filter: engine(400, "missing_document_filter"),
  invalid_document_filter: engine(400, "invalid_document_filter"),
  missing_document_edition_function: engine(400, "missing_document_edition_function"),
  invalid_document_edition_function_filter: engine(400, "invalid_document_edition_function_filter"),
  invalid_document_edition_context: engine(400, "invalid_document_edition_context"),

  miroir_primary_key_required: own(
    400,
    "miroir_primary_key_required",
    "invalid_request",
    "A document has no usable primary key, or the primary key cannot be inferred from the first document. Name it with the `primaryKey` parameter or give every document the field that the message names.",
  ),
  miroir_reserved_field: own(
    400,
    "miroir_reserved_field",
    "invalid_request",
    "A document carries a field that Miroir keeps for itself. Rename the field; the message names it and the position of the document.",
  ),
  miroir_invalid_expiry: own(
    400,
    "miroir_invalid_expiry",
    "invalid_request",
    "A document says in the field named by `ttl.expires_at_field` when it expires, and the value is neither null nor whole milliseconds since 1970. The message names the field, the value and the position of the document.",
  ),
  miroir_invalid_auth: own(
    401,
    "miroir_invalid_auth",
    "auth",
    "Paths under `/_miroir/` need the admin key, as bearer token or in `X-Admin-Key`.",
  ),
  miroir_jwt_invalid: own(
    401,
    "miroir_jwt_invalid",
    "auth",
    "The bearer token is a session of the search UI that is not or no longer valid. Get a new session, or use an API key.",
  ),
  miroir_idempotency_key_reused: own(
    409,
    "miroir_idempotency_key_reused",
    "invalid_request",
    "The `Idempotency-Key` of a write was used before, with another body, address or method. Make a new key for every write, and use it again only to repeat that write.",
  ),
  miroir_no_quorum: own(
    503,
    "miroir_no_quorum",
    "system",
    "Too few nodes acknowledged the write for the shards that the message names. Writes are idempotent: bring the nodes back (see `GET /_miroir/topology`) and send the same batch again.",
  ),
  miroir_shard_unavailable: own(
    503,
    "miroir_shard_unavailable",
    "system",
    "No reachable node holds the shards that the message names and the policy forbids a partial answer. See `GET /_miroir/topology` for the nodes that are down.",
  ),
  miroir_node_unavailable: own(
    503,
    "miroir_node_unavailable",
    "system",
    "The operation has to reach every node and the message names one that did not answer. Bring it back or remove it, then try again.",
  ),
  miroir_overloaded: own(
    503,
    "miroir_overloaded",
    "system",
    "The router has reached a limit it keeps so that memory stays bounded. Wait as `Retry-After` says, then send the request again.",
  ),
  miroir_shutting_down: own(
    503,
    "miroir_shutting_down",
    "system",
    "The router is stopping. Send the request again; another router or the restarted one will take it.",
  ),
  miroir_request_timeout: own(
    504,
    "miroir_request_timeout",
    "system",
    "The request did not end within `server.request_timeout_ms`. For a write, look at `GET /tasks` before sending it again.",
  ),
  miroir_store_unavailable: own(
    503,
    "miroir_store_unavailable",
    "system",
    "The store that keeps tasks and the catalog does not answer, so a write could not be promised. Searches go on. Check the disk or the Redis server that `task_store` names.",
  ),
  miroir_taken_over: own(
    503,
    "miroir_taken_over",
    "system",
    "Another router has taken over this work while this one was away, so what this one meant to write was not written. Send the request again.",
  ),
  miroir_idempotency_key_busy: own(
    503,
    "miroir_idempotency_key_busy",
    "system",
    "The first request with this `Idempotency-Key` has not been handed to the nodes to its end, by another router or by one that was restarted. Send the request again with the same key; it is not done twice.",
  ),
  miroir_topology_changed: own(
    503,
    "miroir_topology_changed",
    "system",
    "The topology was changed by another router and this one does not know the new one yet; it writes nothing under the old one. Restart it with the same list of nodes as the others.",
  ),
  miroir_not_supported: own(
    501,
    "miroir_not_supported",
    "invalid_request",
    "This version of Miroir does not serve the route or the parameter; the message says what to use instead.",
  ),
  miroir_invalid_header: own(
    400,
    "miroir_invalid_header",
    "invalid_request",
    "One of the headers that Miroir reads has a value it does not know. The message names the header and what it may be; without the header the configuration decides.",
  ),
  miroir_reserved_setting: own(
    400,
    "miroir_reserved_setting",
    "invalid_request",
    "A settings change names a field that Miroir keeps for itself, or declares a token that contains one of the characters Miroir writes its hidden fields with. Leave the entry out; the message names it.",
  ),
  miroir_settings_mismatch: own(
    500,
    "miroir_settings_mismatch",
    "internal",
    "After a settings change the nodes did not have the settings that were meant, and the change was taken back. Something else writes to a node: only the router may. The message names the node and the setting.",
  ),
  miroir_index_frozen: own(
    503,
    "miroir_index_frozen",
    "system",
    "The nodes could not be brought to the same settings of this index, so it takes no writes for now. `miroir ctl settings status` names the node and the settings; `miroir ctl settings repair` tries again. The index takes writes again when all nodes agree, after a settings change that succeeds, or with `miroir ctl settings unfreeze`.",
  ),
  miroir_settings_version_stale: own(
    503,
    "miroir_settings_version_stale",
    "system",
    "The request asks by `X-Miroir-Min-Settings-Version` for nodes that have been proven to have that version of the settings, and too few of them are there. Wait until the settings task has ended, or leave the header out.",
  ),
  miroir_task_partly_canceled: own(
    500,
    "miroir_task_partly_canceled",
    "system",
    "A task was canceled on some nodes after others had carried it out, so copies of the same documents may differ. Send the original request again, or the one that undoes it; the message names the nodes.",
  ),
  miroir_node_task_lost: own(
    500,
    "miroir_node_task_lost",
    "system",
    "A node no longer knows a task that it had accepted (its task was deleted there, or the node was restored from elsewhere), so what became of it is unknown. Writes are idempotent: send the request again.",
  ),
  miroir_task_interrupted: own(
    500,
    "miroir_task_interrupted",
    "system",
    "The router stopped after it had noted the task and before it had handed it to all the nodes; the request was never answered. Send it again: what some nodes have already done is done again without harm.",
  ),
  miroir_method_not_allowed: own(
    405,
    "miroir_method_not_allowed",
    "invalid_request",
    "The path exists but not with this method.",
  ),
} satisfies Record<string, ErrorCodeRow>;

export type ErrorCode = keyof typeof rows;

export const errorCodes: Readonly<Record<ErrorCode, ErrorCodeRow>> = rows;

export function errorCode(code: ErrorCode): ErrorCodeRow {
  return errorCodes[code];
}
