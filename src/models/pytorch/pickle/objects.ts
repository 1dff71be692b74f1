import { InputError } from '../../../errors.js';
import { unsupportedCheckpoint } from '../../refusals.js';
import type { Instruction } from './literals.js';
import type { PickleMachine } from './machine.js';
import { describeValue, PythonDict, PythonObject, type PythonValue } from './values.js';

const HIGHEST_PROTOCOL = 5;

/** `REDUCE` and `NEWOBJ` call; what may be called is the host's list, nothing else. */
function call(machine: PickleMachine): void {
  const parameters = machine.pop();
  machine.push(machine.call(machine.pop(), parameters));
}

/** A dict's attributes (`_metadata` of a state dict) are dropped; an object takes its state or the file is refused. */
function build(machine: PickleMachine): void {
  const state = machine.pop();
  const object = machine.top();
  if (object instanceof PythonDict) return;
  if (!(object instanceof PythonObject) || !object.takeState(state)) {
    throw machine.corrupt(`${describeValue(object)} takes no state`);
  }
}

function memoIndex(machine: PickleMachine): number {
  const text = machine.reader.line();
  if (!/^\d{1,9}$/.test(text)) throw machine.corrupt('not a memo index');
  return Number(text);
}

export const objectInstructions: readonly Instruction[] = [
  {
    code: 0x80,
    name: 'PROTO',
    run: (machine) => {
      const protocol = machine.reader.uint8();
      if (protocol > HIGHEST_PROTOCOL) {
        throw unsupportedCheckpoint(machine.reader.file, `pickle protocol ${protocol}`, 'save it again with torch.save');
      }
    },
  },
  {
    code: 0x95,
    name: 'FRAME',
    run: (machine) => {
      const length = machine.reader.uint64();
      if (length > machine.reader.remaining) throw machine.corrupt(`a frame of ${length} bytes passes the end`);
    },
  },

  { code: 0x70, name: 'PUT', run: (machine) => machine.remember(memoIndex(machine)) },
  { code: 0x71, name: 'BINPUT', run: (machine) => machine.remember(machine.reader.uint8()) },
  { code: 0x72, name: 'LONG_BINPUT', run: (machine) => machine.remember(machine.reader.uint32()) },
  { code: 0x94, name: 'MEMOIZE', run: (machine) => machine.remember(machine.memo.size) },
  { code: 0x67, name: 'GET', run: (machine) => machine.recall(memoIndex(machine)) },
  { code: 0x68, name: 'BINGET', run: (machine) => machine.recall(machine.reader.uint8()) },
  { code: 0x6a, name: 'LONG_BINGET', run: (machine) => machine.recall(machine.reader.uint32()) },

  {
    code: 0x63,
    name: 'GLOBAL',
    run: (machine) => {
      const atRoot = machine.depth === 0;
      const module = machine.reader.line();
      machine.push(machine.host.global(module, machine.reader.line(), atRoot));
    },
  },
  {
    code: 0x93,
    name: 'STACK_GLOBAL',
    run: (machine) => {
      const name = machine.popString('the name of a global');
      const module = machine.popString('the module of a global');
      machine.push(machine.host.global(module, name, machine.depth === 0));
    },
  },
  { code: 0x52, name: 'REDUCE', run: call },
  { code: 0x81, name: 'NEWOBJ', run: call },
  { code: 0x62, name: 'BUILD', run: build },
  { code: 0x51, name: 'BINPERSID', run: (machine) => machine.push(machine.host.persistentValue(machine.pop())) },

  refused(0x69, 'INST'),
  refused(0x6f, 'OBJ'),
  refused(0x92, 'NEWOBJ_EX'),
  refused(0x50, 'PERSID'),
  refused(0x82, 'EXT1'),
  refused(0x83, 'EXT2'),
  refused(0x84, 'EXT4'),
  refused(0x97, 'NEXT_BUFFER'),
  refused(0x98, 'READONLY_BUFFER'),
];

/** Instructions that make objects of arbitrary classes or reach outside the pickle: no checkpoint of tensors has them. */
function refused(code: number, name: string): Instruction {
  return {
    code,
    name,
    run: (machine): PythonValue => {
      const file = machine.reader.file;
      throw new InputError(`${file} holds the pickle instruction ${name}, which weights do not need; nothing was executed`, {
        code: 'unsafe-checkpoint',
        place: { file },
        hint: "save tensors only: torch.save({'model_state_dict': model.state_dict()}, path)",
      });
    },
  };
}
