import type { Instruction } from './literals.js';
import type { PickleMachine } from './machine.js';
import { describeValue, PythonDict, PythonTuple, type PythonValue } from './values.js';

function topList(machine: PickleMachine): PythonValue[] {
  const list = machine.top();
  if (!Array.isArray(list)) throw machine.corrupt(`it appends to ${describeValue(list)}`);
  return list;
}

function topDict(machine: PickleMachine): PythonDict {
  const dict = machine.top();
  if (!(dict instanceof PythonDict)) throw machine.corrupt(`it sets an item of ${describeValue(dict)}`);
  return dict;
}

function setItems(machine: PickleMachine, dict: PythonDict, items: readonly PythonValue[]): void {
  if (items.length % 2 !== 0) throw machine.corrupt('a dict key without a value');
  for (let i = 0; i < items.length; i += 2) {
    machine.setItem(dict, items[i], items[i + 1]);
  }
}

/** Pops `count` values into a tuple, the last pushed last. */
function pushTuple(machine: PickleMachine, count: number): void {
  const items: PythonValue[] = [];
  for (let i = 0; i < count; i++) items.unshift(machine.pop());
  machine.push(new PythonTuple(items));
}

export const containerInstructions: readonly Instruction[] = [
  { code: 0x28, name: 'MARK', run: (machine) => machine.mark() },
  { code: 0x30, name: 'POP', run: (machine) => machine.popValueOrMark() },
  { code: 0x31, name: 'POP_MARK', run: (machine) => void machine.popToMark() },
  { code: 0x32, name: 'DUP', run: (machine) => machine.push(machine.top()) },

  { code: 0x29, name: 'EMPTY_TUPLE', run: (machine) => pushTuple(machine, 0) },
  { code: 0x85, name: 'TUPLE1', run: (machine) => pushTuple(machine, 1) },
  { code: 0x86, name: 'TUPLE2', run: (machine) => pushTuple(machine, 2) },
  { code: 0x87, name: 'TUPLE3', run: (machine) => pushTuple(machine, 3) },
  { code: 0x74, name: 'TUPLE', run: (machine) => machine.push(new PythonTuple(machine.popToMark())) },

  { code: 0x5d, name: 'EMPTY_LIST', run: (machine) => machine.push([]) },
  { code: 0x6c, name: 'LIST', run: (machine) => machine.push(machine.popToMark()) },
  {
    code: 0x61,
    name: 'APPEND',
    run: (machine) => {
      const value = machine.pop();
      topList(machine).push(value);
    },
  },
  {
    code: 0x65,
    name: 'APPENDS',
    run: (machine) => {
      const items = machine.popToMark();
      const list = topList(machine);
      for (const item of items) list.push(item);
    },
  },

  { code: 0x7d, name: 'EMPTY_DICT', run: (machine) => machine.push(new PythonDict()) },
  {
    code: 0x64,
    name: 'DICT',
    run: (machine) => {
      const dict = new PythonDict();
      setItems(machine, dict, machine.popToMark());
      machine.push(dict);
    },
  },
  {
    code: 0x73,
    name: 'SETITEM',
    run: (machine) => {
      const value = machine.pop();
      const key = machine.pop();
      machine.setItem(topDict(machine), key, value);
    },
  },
  {
    code: 0x75,
    name: 'SETITEMS',
    run: (machine) => {
      const items = machine.popToMark();
      setItems(machine, topDict(machine), items);
    },
  },

  { code: 0x8f, name: 'EMPTY_SET', run: (machine) => machine.push(new Set()) },
  { code: 0x91, name: 'FROZENSET', run: (machine) => machine.push(new Set(machine.popToMark())) },
  {
    code: 0x90,
    name: 'ADDITEMS',
    run: (machine) => {
      const items = machine.popToMark();
      const set = machine.top();
      if (!(set instanceof Set)) throw machine.corrupt(`it adds items to ${describeValue(set)}`);
      for (const item of items) set.add(item);
    },
  },
];
