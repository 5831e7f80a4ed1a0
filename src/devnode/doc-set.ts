/** A set of internal document ids as a bitmap: small and fast enough for tens of thousands of documents. */
export class DocSet implements Iterable<number> {
  private bits: Uint32Array;

  constructor(bits: Uint32Array = new Uint32Array(0)) {
    this.bits = bits;
  }

  static of(ids: Iterable<number>): DocSet {
    const set = new DocSet();
    for (const id of ids) set.add(id);
    return set;
  }

  add(id: number): void {
    const word = id >>> 5;
    if (word >= this.bits.length) {
      const grown = new Uint32Array(Math.max(word + 1, this.bits.length * 2));
      grown.set(this.bits);
      this.bits = grown;
    }
    this.bits[word] = (this.bits[word] ?? 0) | (1 << (id & 31));
  }

  addAll(other: DocSet): void {
    const { bits } = other;
    if (bits.length > this.bits.length) {
      const grown = new Uint32Array(bits.length);
      grown.set(this.bits);
      this.bits = grown;
    }
    for (let i = 0; i < bits.length; i += 1) this.bits[i] = (this.bits[i] ?? 0) | (bits[i] ?? 0);
  }

  has(id: number): boolean {
    return ((this.bits[id >>> 5] ?? 0) & (1 << (id & 31))) !== 0;
  }

  and(other: DocSet): DocSet {
    const length = Math.min(this.bits.length, other.bits.length);
    const result = new Uint32Array(length);
    for (let i = 0; i < length; i += 1) result[i] = (this.bits[i] ?? 0) & (other.bits[i] ?? 0);
    return new DocSet(result);
  }

  or(other: DocSet): DocSet {
    const result = new Uint32Array(Math.max(this.bits.length, other.bits.length));
    for (let i = 0; i < result.length; i += 1) result[i] = (this.bits[i] ?? 0) | (other.bits[i] ?? 0);
    return new DocSet(result);
  }

  minus(other: DocSet): DocSet {
    const result = this.bits.slice();
    const length = Math.min(result.length, other.bits.length);
    for (let i = 0; i < length; i += 1) result[i] = (result[i] ?? 0) & ~(other.bits[i] ?? 0);
    return new DocSet(result);
  }

  intersects(other: DocSet): boolean {
    const length = Math.min(this.bits.length, other.bits.length);
    for (let i = 0; i < length; i += 1) if (((this.bits[i] ?? 0) & (other.bits[i] ?? 0)) !== 0) return true;
    return false;
  }

  get isEmpty(): boolean {
    for (let i = 0; i < this.bits.length; i += 1) if (this.bits[i] !== 0) return false;
    return true;
  }

  get size(): number {
    let count = 0;
    for (let i = 0; i < this.bits.length; i += 1) count += popCount(this.bits[i] ?? 0);
    return count;
  }

  copy(): DocSet {
    return new DocSet(this.bits.slice());
  }

  /** Ids in ascending order. */
  *[Symbol.iterator](): Generator<number> {
    for (let i = 0; i < this.bits.length; i += 1) {
      let word = this.bits[i] ?? 0;
      while (word !== 0) {
        const low = 31 - Math.clz32(word & -word);
        yield i * 32 + low;
        word &= word - 1;
      }
    }
  }
}

/** The union of many sets without an intermediate copy for each of them. */
export function unionOf(sets: Iterable<DocSet>): DocSet {
  const union = new DocSet();
  for (const set of sets) union.addAll(set);
  return union;
}

function popCount(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return (((v + (v >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}
