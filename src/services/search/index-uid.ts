/** What the engine accepts as the name of an index; anything else is left to a node to refuse. */
export const INDEX_UID = /^[A-Za-z0-9_-]{1,400}$/;
