import { corruptCheckpoint } from '../refusals.js';
import { duplicateKey } from './json-keys.js';

export type Reader<T> = (field: Field) => T;

/**
 * The fields of a JSON text, of which each key stands once. `what` begins every path: `the crpbot manifest`.
 * @throws InputError `corrupt-checkpoint`
 */
export function parseFields(text: string, what: string, file: string): Field {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw corruptCheckpoint(file, `${what} is not JSON`, cause);
  }
  const twice = duplicateKey(text);
  if (twice !== undefined) throw corruptCheckpoint(file, `${twice} stands twice in ${what}`);
  return new Field(value, what, file);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value of the JSON with its path, read as one type or refused. */
export class Field {
  constructor(
    private readonly value: unknown,
    private readonly path: string,
    private readonly file: string,
  ) {}

  refuse(what: string): Error {
    return corruptCheckpoint(this.file, `${this.path} ${what}, and is ${this.described()}`);
  }

  private described(): string {
    if (this.value === undefined) return 'missing';
    if (Array.isArray(this.value)) return 'a list';
    if (isRecord(this.value)) return 'an object';
    const text = JSON.stringify(this.value);
    return text.length > 80 ? `${text.slice(0, 80)}...` : text;
  }

  private object(): Record<string, unknown> {
    if (!isRecord(this.value)) throw this.refuse('must be an object');
    return this.value;
  }

  allow(names: readonly string[]): void {
    const unknown = Object.keys(this.object()).filter((name) => !names.includes(name));
    if (unknown.length > 0) throw corruptCheckpoint(this.file, `${this.path} has unknown fields: ${unknown.slice(0, 5).join(', ')}`);
  }

  has(name: string): boolean {
    return Object.hasOwn(this.object(), name);
  }

  get(name: string): Field {
    return new Field(this.has(name) ? this.object()[name] : undefined, `${this.path}, ${name}`, this.file);
  }

  text(): string {
    if (typeof this.value !== 'string') throw this.refuse('must be text');
    return this.value;
  }

  boolean(): boolean {
    if (typeof this.value !== 'boolean') throw this.refuse('must be true or false');
    return this.value;
  }

  number(): number {
    if (typeof this.value !== 'number' || !Number.isFinite(this.value)) throw this.refuse('must be a number');
    return this.value;
  }

  integer(least = 0): number {
    const value = this.number();
    if (!Number.isSafeInteger(value) || value < least) throw this.refuse(`must be a whole number of at least ${least}`);
    return value;
  }

  oneOf<T extends string>(names: readonly T[]): T {
    const name = names.find((each) => each === this.value);
    if (name === undefined) throw this.refuse(`must be ${names.join(' or ')}`);
    return name;
  }

  list<T>(read: Reader<T>): T[] {
    if (!Array.isArray(this.value)) throw this.refuse('must be a list');
    return this.value.map((each: unknown, index) => read(new Field(each, `${this.path}[${index}]`, this.file)));
  }

  record<T>(read: Reader<T>): Record<string, T> {
    return Object.fromEntries(Object.keys(this.object()).map((name) => [name, read(this.get(name))]));
  }
}
