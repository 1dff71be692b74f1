import { corruptCheckpoint, truncatedCheckpoint } from '../refusals.js';

/** Little-endian reads that never pass the end: too few bytes are a `truncated-checkpoint`. */
export class ByteReader {
  private readonly view: DataView;
  position: number;

  /** @param what what is being read, for messages: `data.pkl`. */
  constructor(
    readonly bytes: Uint8Array,
    readonly file: string,
    private readonly what: string,
    position = 0,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = position;
  }

  get remaining(): number {
    return this.bytes.byteLength - this.position;
  }

  private advance(count: number): number {
    if (count > this.remaining) {
      throw truncatedCheckpoint(
        this.file,
        `${this.what} needs ${count} bytes at byte ${this.position} and has ${Math.max(0, this.remaining)}`,
      );
    }
    const start = this.position;
    this.position += count;
    return start;
  }

  skip(count: number): void {
    this.advance(count);
  }

  uint8(): number {
    return this.view.getUint8(this.advance(1));
  }

  uint16(): number {
    return this.view.getUint16(this.advance(2), true);
  }

  uint32(): number {
    return this.view.getUint32(this.advance(4), true);
  }

  int32(): number {
    return this.view.getInt32(this.advance(4), true);
  }

  float64BigEndian(): number {
    return this.view.getFloat64(this.advance(8), false);
  }

  /** @throws InputError `corrupt-checkpoint` beyond 2^53, which no size or offset in a file can be. */
  uint64(): number {
    const value = this.view.getBigUint64(this.advance(8), true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw corruptCheckpoint(this.file, `${this.what} declares a size of ${value} bytes`);
    }
    return Number(value);
  }

  take(count: number): Uint8Array {
    const start = this.advance(count);
    return this.bytes.subarray(start, start + count);
  }

  /** Up to the next newline, which is consumed and not returned; Latin-1. */
  line(): string {
    const end = this.bytes.indexOf(0x0a, this.position);
    if (end < 0) throw truncatedCheckpoint(this.file, `${this.what} ends within a line at byte ${this.position}`);
    const text = latin1(this.bytes.subarray(this.position, end));
    this.position = end + 1;
    return text;
  }
}

export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
