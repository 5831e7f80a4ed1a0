/**
 * The fields Miroir adds to stored documents. Nothing else of Miroir's is ever stored in a document, and none of
 * these ever reaches a client.
 */
export const SHARD_FIELD = "_miroir_shard";
export const SEQUENCE_FIELD = "_miroir_seq";
export const UPDATED_AT_FIELD = "_miroir_updated_at";
export const EXPIRES_AT_FIELD = "_miroir_expires_at";

/** Of no document: whoever tells documents apart by it tells none apart. Nodes take it for an attribute to choose by. */
export const NO_FIELD = "_miroir_none";

/** The hidden last ranking rule and the key of its score detail. */
export const SEQUENCE_RULE = `${SEQUENCE_FIELD}:asc`;

/** Every field above starts with this; a cheap first test before an exact comparison. */
export const MARKER_PREFIX = "_miroir_";
