import { latin1 } from '../byte-reader.js';
import type { PickleMachine } from './machine.js';
import type { PythonValue } from './values.js';

/** One pickle instruction. Its name is the one in Python's `pickletools`. */
export interface Instruction {
  readonly code: number;
  readonly name: string;
  readonly run: (machine: PickleMachine) => void;
}

/** An instruction that reads its argument from the stream and pushes one value. */
function literal(code: number, name: string, read: (machine: PickleMachine) => PythonValue): Instruction {
  return { code, name, run: (machine) => machine.push(read(machine)) };
}

const LONGEST_NUMBER = 512;
const strictText = new TextDecoder('utf-8', { fatal: true });

function utf8(machine: PickleMachine, length: number): string {
  const bytes = machine.reader.take(length);
  try {
    return strictText.decode(bytes);
  } catch (cause) {
    throw machine.corrupt(`a string is not UTF-8 (${cause instanceof Error ? cause.message : String(cause)})`);
  }
}

/** Two's complement, little-endian, any length. */
function long(machine: PickleMachine, length: number): number | bigint {
  if (length > LONGEST_NUMBER) throw machine.corrupt(`a whole number of ${length} bytes`);
  const bytes = machine.reader.take(length);
  let value = 0n;
  for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]);
  return narrow(BigInt.asIntN(8 * length, value));
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function decimal(machine: PickleMachine, text: string): number | bigint {
  if (text.length > LONGEST_NUMBER || !/^[+-]?\d+$/.test(text)) throw machine.corrupt('not a whole number');
  return narrow(BigInt(text.replace(/^\+/, '')));
}

function decimalFloat(machine: PickleMachine): number {
  const text = machine.reader.line();
  if (/^[+-]?nan$/i.test(text)) return Number.NaN;
  if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) throw machine.corrupt('not a number');
  return Number(text);
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\', "'": "'", '"': '"' };

function unescaped(text: string): string {
  return text.replace(/\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|.)/g, (whole, escape: string) => {
    const code = escape.length > 1 ? Number.parseInt(escape.slice(1), 16) : Number.NaN;
    if (code <= 0x10ffff) return String.fromCodePoint(code);
    return ESCAPES[escape] ?? whole;
  });
}

function quoted(machine: PickleMachine): string {
  const text = machine.reader.line();
  const match = /^(['"])(.*)\1$/s.exec(text);
  if (match === null) throw machine.corrupt('a string without quotes');
  return unescaped(match[2]);
}

export const literalInstructions: readonly Instruction[] = [
  literal(0x4e, 'NONE', () => null),
  literal(0x88, 'NEWTRUE', () => true),
  literal(0x89, 'NEWFALSE', () => false),
  literal(0x49, 'INT', (machine) => {
    const text = machine.reader.line();
    return text === '01' ? true : text === '00' ? false : decimal(machine, text);
  }),
  literal(0x4c, 'LONG', (machine) => decimal(machine, machine.reader.line().replace(/L$/, ''))),
  literal(0x46, 'FLOAT', decimalFloat),
  literal(0x4a, 'BININT', (machine) => machine.reader.int32()),
  literal(0x4b, 'BININT1', (machine) => machine.reader.uint8()),
  literal(0x4d, 'BININT2', (machine) => machine.reader.uint16()),
  literal(0x8a, 'LONG1', (machine) => long(machine, machine.reader.uint8())),
  literal(0x8b, 'LONG4', (machine) => long(machine, machine.reader.uint32())),
  literal(0x47, 'BINFLOAT', (machine) => machine.reader.float64BigEndian()),
  // Python 2 strings hold bytes: Latin-1 keeps every one of them.
  literal(0x53, 'STRING', quoted),
  literal(0x54, 'BINSTRING', (machine) => latin1(machine.reader.take(machine.reader.uint32()))),
  literal(0x55, 'SHORT_BINSTRING', (machine) => latin1(machine.reader.take(machine.reader.uint8()))),
  literal(0x56, 'UNICODE', (machine) => unescaped(machine.reader.line())),
  literal(0x8c, 'SHORT_BINUNICODE', (machine) => utf8(machine, machine.reader.uint8())),
  literal(0x58, 'BINUNICODE', (machine) => utf8(machine, machine.reader.uint32())),
  literal(0x8d, 'BINUNICODE8', (machine) => utf8(machine, machine.reader.uint64())),
  literal(0x43, 'SHORT_BINBYTES', (machine) => machine.reader.take(machine.reader.uint8())),
  literal(0x42, 'BINBYTES', (machine) => machine.reader.take(machine.reader.uint32())),
  literal(0x8e, 'BINBYTES8', (machine) => machine.reader.take(machine.reader.uint64())),
  literal(0x96, 'BYTEARRAY8', (machine) => machine.reader.take(machine.reader.uint64())),
];
