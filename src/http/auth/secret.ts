/** Comparing secrets without telling by the time it takes how much of a guess was right. */
import { hash, timingSafeEqual } from "node:crypto";

/** A configured secret, kept as its digest. An empty one equals nothing. */
export interface Secret {
  matches(guess: string): boolean;
}

export function createSecret(secret: string): Secret {
  const digest = sha256(secret);
  const usable = secret.length > 0;
  return { matches: (guess) => timingSafeEqual(digest, sha256(guess)) && usable };
}

export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(sha256(a), sha256(b));
}

function sha256(text: string): Uint8Array {
  return hash("sha256", text, "buffer");
}
