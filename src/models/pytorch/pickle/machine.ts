import type { InputError } from '../../../errors.js';
import { corruptCheckpoint } from '../../refusals.js';
import type { ByteReader } from '../byte-reader.js';
import { describeValue, PickleGlobal, PythonDict, PythonTuple, type PythonValue } from './values.js';

/** What a pickle may reach outside itself. */
export interface PickleHost {
  /**
   * The global of this name.
   * @param atRoot true where the pickle's outermost object is an instance of it.
   * @throws InputError `unsafe-checkpoint` for every name that is not on the list.
   */
  global(module: string, name: string, atRoot: boolean): PickleGlobal;
  persistentValue(id: PythonValue): PythonValue;
}

const ITEMS_PER_BYTE = 16;

/** The stack, the marks and the memo of one pickle, with every access checked. */
export class PickleMachine {
  readonly memo = new Map<number, PythonValue>();
  private readonly stack: PythonValue[] = [];
  private readonly marks: number[] = [];
  private budget: number;
  /** Where the running instruction stands, and its name, for messages. */
  at = 0;
  instruction = '';

  constructor(
    readonly reader: ByteReader,
    readonly host: PickleHost,
  ) {
    this.budget = 1000 + ITEMS_PER_BYTE * reader.remaining;
  }

  get depth(): number {
    return this.stack.length + this.marks.length;
  }

  corrupt(what: string): InputError {
    return corruptCheckpoint(this.reader.file, `${what} (pickle instruction ${this.instruction} at byte ${this.at})`);
  }

  /** Copies through the memo can repeat without end in a small file: their sum is bounded by the pickle's size. */
  spend = (items: number): void => {
    this.budget -= items;
    if (this.budget < 0) throw this.corrupt('it copies the same items over and over');
  };

  push(value: PythonValue): void {
    this.stack.push(value);
  }

  private floor(): number {
    return this.marks.at(-1) ?? 0;
  }

  pop(): PythonValue {
    if (this.stack.length <= this.floor()) throw this.corrupt('it takes from an empty stack');
    return this.stack.pop() as PythonValue;
  }

  top(): PythonValue {
    if (this.stack.length <= this.floor()) throw this.corrupt('it looks at an empty stack');
    return this.stack.at(-1) as PythonValue;
  }

  mark(): void {
    this.marks.push(this.stack.length);
  }

  /** `POP` drops a mark where nothing stands above it. */
  popValueOrMark(): void {
    if (this.stack.length > this.floor()) this.stack.pop();
    else if (this.marks.pop() === undefined) throw this.corrupt('it takes from an empty stack');
  }

  /** Everything above the last mark, and the mark with it. */
  popToMark(): PythonValue[] {
    const start = this.marks.pop();
    if (start === undefined) throw this.corrupt('there is no mark');
    return this.stack.splice(start);
  }

  remember(index: number): void {
    this.memo.set(index, this.top());
  }

  recall(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) throw this.corrupt(`memo ${index} was never set`);
    this.push(value);
  }

  popString(role: string): string {
    const value = this.pop();
    if (typeof value !== 'string') throw this.corrupt(`${role} is ${describeValue(value)}, not a string`);
    return value;
  }

  setItem(dict: PythonDict, key: PythonValue, value: PythonValue): void {
    if (Array.isArray(key) || key instanceof PythonDict || key instanceof Set) {
      throw this.corrupt(`${describeValue(key)} is a dict key`);
    }
    dict.entries.set(key, value);
  }

  call(callable: PythonValue, parameters: PythonValue): PythonValue {
    if (!(parameters instanceof PythonTuple)) throw this.corrupt(`a call with ${describeValue(parameters)}`);
    if (!(callable instanceof PickleGlobal) || callable.call === undefined) {
      throw this.corrupt(`${describeValue(callable)} cannot be called`);
    }
    return callable.call(parameters.items, this.spend);
  }
}
