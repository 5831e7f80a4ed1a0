/** What is known of each document of a batch, in arrays that grow with it. */
export class DocumentTable {
  /** Documents that are complete; what is noted is noted of the one behind them. */
  count = 0;
  #bounds = new Uint32Array(256);
  #idOf = new Uint32Array(128);
  #expiryOf: Float64Array | null;

  constructor(expires: boolean) {
    this.#expiryOf = expires ? new Float64Array(128) : null;
  }

  place(start: number, end: number): void {
    if (this.count * 2 === this.#bounds.length) this.#grow();
    this.#bounds[this.count * 2] = start;
    this.#bounds[this.count * 2 + 1] = end;
  }

  identify(id: number): void {
    this.#idOf[this.count] = id;
  }

  expire(expiry: number): void {
    if (this.#expiryOf !== null) this.#expiryOf[this.count] = expiry;
  }

  /** The offset behind a document. */
  endOf(document: number): number {
    return this.#bounds[document * 2 + 1] as number;
  }

  bounds(): Uint32Array {
    return this.#bounds.slice(0, this.count * 2);
  }

  idOf(): Uint32Array {
    return this.#idOf.slice(0, this.count);
  }

  /** null: documents do not expire. */
  expiryOf(): Float64Array | null {
    return this.#expiryOf?.slice(0, this.count) ?? null;
  }

  #grow(): void {
    const bounds = new Uint32Array(this.#bounds.length * 2);
    bounds.set(this.#bounds);
    this.#bounds = bounds;
    const idOf = new Uint32Array(this.#idOf.length * 2);
    idOf.set(this.#idOf);
    this.#idOf = idOf;
    if (this.#expiryOf === null) return;
    const expiryOf = new Float64Array(this.#expiryOf.length * 2);
    expiryOf.set(this.#expiryOf);
    this.#expiryOf = expiryOf;
  }
}
