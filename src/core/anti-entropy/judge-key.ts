/**
 * What is right for one document of which replicas have different copies. A copy of a whole replica wins over any of one
 * that may hold pieces of documents; then the highest version wins; where versions are equal, one of a node that has its
 * disk before one that has lost it, a trusted copy before a suspected one, then the copy that most replicas have, then the higher digest, so that every router judges alike. A
 * document that only some have is judged by the newest deletion that meets it. What is right and has expired is deleted
 * everywhere, however many have it and whatever is remembered of deletions.
 */
export interface KeyCopy {
  readonly nodeId: string;
  /** The replica is known to have missed or failed something; others tell what is right. */
  readonly suspected: boolean;
  /**
   * The replica is being repaired as a whole: a change of a part of a document may have come to it where the rest was
   * missing. Such a piece bears the version of the whole document elsewhere, or a higher one if the change came to this
   * replica alone. Then it was not acknowledged: a whole replica has all that was, so nothing is lost with the piece.
   */
  readonly incomplete: boolean;
  /** It is incomplete for it has lost its disk: of a document it may have nothing but what was changed since. */
  readonly emptied: boolean;
  /** null: it does not have the document. */
  readonly found: { readonly version: bigint; readonly digest: bigint; readonly expiresAt: number | null } | null;
}

export type KeyVerdict =
  | { readonly kind: "equal" }
  /** The copy of `from` is right, `to` have another or none. */
  | { readonly kind: "write"; readonly from: string; readonly to: readonly string[] }
  /** It is deleted, `on` still have it. */
  | { readonly kind: "delete"; readonly on: readonly string[] };

/**
 * `deleted`: the version of the newest deletion that meets the document; null: there is none. `nowMs`: the moment by which
 * documents expire, one for all copies; null: they do not.
 */
export function judgeKey(copies: readonly KeyCopy[], deleted: bigint | null, nowMs: number | null): KeyVerdict {
  const having = copies.filter(has);
  const best = having.reduce<Having | null>(
    (top, copy) => (top === null || beats(copy, top, having) ? copy : top),
    null,
  );
  if (best === null) return { kind: "equal" };
  const trusted = copies.filter((copy) => !copy.suspected);
  // Whoever is trusted has everything that was promised: what only suspects have is what they missed the deletion of.
  const goneByTrust = trusted.length > 0 && trusted.length < copies.length && !trusted.some(has);
  const goneByDeletion = deleted !== null && deleted > best.found.version;
  if (goneByTrust || goneByDeletion || hasExpired(best.found, nowMs))
    return { kind: "delete", on: having.map(({ nodeId }) => nodeId) };
  const to = copies.filter(({ found }) => found === null || !sameCopy(found, best.found)).map(({ nodeId }) => nodeId);
  return to.length === 0 ? { kind: "equal" } : { kind: "write", from: best.nodeId, to };
}

export function hasExpired({ expiresAt }: { readonly expiresAt: number | null }, nowMs: number | null): boolean {
  return nowMs !== null && expiresAt !== null && expiresAt <= nowMs;
}

type Having = KeyCopy & { readonly found: NonNullable<KeyCopy["found"]> };

function has(copy: KeyCopy): copy is Having {
  return copy.found !== null;
}

function sameCopy(a: Having["found"], b: Having["found"]): boolean {
  return a.version === b.version && a.digest === b.digest;
}

function beats(copy: Having, top: Having, all: readonly Having[]): boolean {
  if (copy.incomplete !== top.incomplete) return !copy.incomplete;
  if (copy.found.version !== top.found.version) return copy.found.version > top.found.version;
  if (copy.emptied !== top.emptied) return !copy.emptied;
  if (copy.suspected !== top.suspected) return !copy.suspected;
  const support = (one: Having): number => all.filter(({ found }) => sameCopy(found, one.found)).length;
  if (support(copy) !== support(top)) return support(copy) > support(top);
  return copy.found.digest > top.found.digest;
}
