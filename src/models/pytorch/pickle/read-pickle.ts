import type { ByteReader } from '../byte-reader.js';
import { containerInstructions } from './containers.js';
import { literalInstructions, type Instruction } from './literals.js';
import { PickleMachine, type PickleHost } from './machine.js';
import { objectInstructions } from './objects.js';
import type { PythonValue } from './values.js';

const STOP = 0x2e;

const instructions = new Map<number, Instruction>(
  [...literalInstructions, ...containerInstructions, ...objectInstructions].map((each) => [each.code, each]),
);

/**
 * Reads one pickle as data and leaves the reader behind its `STOP`. A pickle is a program; here it may only build
 * plain values and what `host` allows by name. Nothing is imported and nothing of the file is executed.
 * @throws InputError `truncated-checkpoint`, `corrupt-checkpoint`, `unsafe-checkpoint`, `unsupported-checkpoint`.
 */
export function readPickle(reader: ByteReader, host: PickleHost): PythonValue {
  const machine = new PickleMachine(reader, host);
  for (;;) {
    machine.at = reader.position;
    const code = reader.uint8();
    if (code === STOP) return machine.pop();
    const instruction = instructions.get(code);
    if (instruction === undefined) {
      machine.instruction = `0x${code.toString(16).padStart(2, '0')}`;
      throw machine.corrupt('there is no such instruction');
    }
    machine.instruction = instruction.name;
    instruction.run(machine);
  }
}
