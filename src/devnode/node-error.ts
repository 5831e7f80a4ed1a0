/** The error of work on an index, which the engine begins with the index's name. */
export function withinIndex<T>(uid: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof NodeError ? new NodeError(error.code, `Index \`${uid}\`: ${error.message}`) : error;
  }
}

/** An error the node answers in the engine's shape, or records in a failed task. */
export class NodeError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }

  get status(): number {
    return STATUS[this.code] ?? 400;
  }

  view(): { message: string; code: string; type: string; link: string } {
    return {
      message: this.message,
      code: this.code,
      type: TYPE[this.code] ?? "invalid_request",
      link: `https://docs.meilisearch.com/errors#${this.code}`,
    };
  }
}

/** What is refused until an experimental feature is switched on. */
export function featureRequired(action: string, feature: string, discussion: number): NodeError {
  return new NodeError(
    "feature_not_enabled",
    `${action} requires enabling the \`${feature}\` experimental feature. See https://github.com/orgs/meilisearch/discussions/${discussion}`,
  );
}

const STATUS: Readonly<Record<string, number>> = {
  missing_authorization_header: 401,
  missing_master_key: 401,
  invalid_api_key: 403,
  index_not_found: 404,
  document_not_found: 404,
  task_not_found: 404,
  batch_not_found: 404,
  api_key_not_found: 404,
  not_found: 404,
  api_key_already_exists: 409,
  index_already_exists: 409,
  payload_too_large: 413,
  missing_content_type: 415,
  invalid_content_type: 415,
  internal: 500,
};

const TYPE: Readonly<Record<string, string>> = {
  missing_authorization_header: "auth",
  missing_master_key: "auth",
  invalid_api_key: "auth",
  internal: "internal",
};
