/**
 * The version of what a store holds, the same for every backend: that of the newest migration. Redis has no tables to
 * change, but a program that does not know a version must not write beside one that does.
 */
export const SCHEMA_VERSION = 15;
