import { InputError } from '../../errors.js';
import { elementTypes, type ElementType } from '../element-type.js';
import { corruptCheckpoint, unsupportedTensor } from '../refusals.js';
import { latin1 } from './byte-reader.js';
import { numpyGlobal } from './numpy-globals.js';
import type { PickleHost } from './pickle/machine.js';
import { OpaqueValue, PickleGlobal, PythonDict, PythonTuple, describeValue, type PythonValue, type Spend } from './pickle/values.js';
import { storageClass, storageOf } from './storage.js';
import { rebuildTensor, refuseLazyBits, TensorReference } from './tensors.js';

/** `torch.float32` and its kin as they are pickled: inert. */
class Dtype extends PickleGlobal {
  constructor(
    name: string,
    readonly type: ElementType,
  ) {
    super('torch', name);
  }
}

const dtypeAliases: Readonly<Record<string, string>> = { float: 'float32', double: 'float64', half: 'float16', long: 'int64', int: 'int32', short: 'int16' };

/** Rebuilders of tensors that are not plain numbers in memory. */
const unreadableTensors: ReadonlyMap<string, string> = new Map([
  ['_rebuild_qtensor', 'a quantized tensor'],
  ['_rebuild_sparse_tensor', 'a sparse tensor'],
  ['_rebuild_sparse_csr_tensor', 'a sparse tensor'],
  ['_rebuild_nested_tensor', 'a nested tensor'],
  ['_rebuild_meta_tensor_no_storage', 'a tensor without numbers (device meta)'],
  ['_rebuild_wrapper_subclass', 'a tensor of a subclass'],
  ['_rebuild_device_tensor_from_numpy', 'a tensor of another device, kept as a NumPy array'],
  ['_rebuild_from_type_v2', 'a tensor of a subclass'],
]);

type Call = (parameters: readonly PythonValue[], spend: Spend) => PythonValue;

/** What a pickle of tensors may name, and what each name does here. Everything else is refused. */
export function pytorchHost(file: string): PickleHost {
  const calls = new Map<string, Call>([
    ['collections.OrderedDict', (parameters, spend) => dictFrom(parameters, spend, file)],
    ['collections.Counter', (parameters, spend) => dictFrom(parameters, spend, file)],
    ['builtins.set', (parameters, spend) => new Set(itemsFrom(parameters, spend, file))],
    ['builtins.frozenset', (parameters, spend) => new Set(itemsFrom(parameters, spend, file))],
    ['builtins.bytes', (parameters, spend) => bytesFrom(parameters, spend, file)],
    ['builtins.bytearray', (parameters, spend) => bytesFrom(parameters, spend, file)],
    ['_codecs.encode', (parameters, spend) => bytesFrom(parameters, spend, file)],
    ['torch.Size', (parameters, spend) => new PythonTuple(itemsFrom(parameters, spend, file))],
    ['torch.device', (parameters) => new OpaqueValue(`the device ${parameters.map(describeValue).join(':')}`)],
    ['torch._utils._rebuild_tensor', (parameters) => rebuildTensor(parameters, file)],
    ['torch._utils._rebuild_tensor_v2', (parameters) => rebuildV2(parameters, file)],
    ['torch._utils._rebuild_tensor_v3', (parameters) => rebuildV3(parameters, file)],
    ['torch._utils._rebuild_parameter', (parameters) => rebuildParameter(parameters, file)],
    ['torch._utils._rebuild_parameter_with_state', (parameters) => rebuildParameter(parameters, file)],
  ]);
  return {
    persistentValue: (id) => storageOf(id, file),
    global: (module, name, atRoot) => {
      const home = module === '__builtin__' ? 'builtins' : module;
      const call = calls.get(`${home}.${name}`);
      if (call !== undefined) return new PickleGlobal(module, name, call);
      const known = storageClass(module, name) ?? dtype(module, name) ?? numpyGlobal(module, name, file);
      if (known !== undefined) return known;
      const unreadable = module.startsWith('torch.') ? unreadableTensors.get(name) : undefined;
      if (unreadable !== undefined) throw unsupportedTensor(file, undefined, `it holds ${unreadable} (${module}.${name})`);
      // The old format wraps a whole module in a persistent id, so its class is not the outermost object there.
      throw unsafeGlobal(file, `${module}.${name}`, atRoot || module.startsWith('torch.nn.'));
    },
  };
}

function unsafeGlobal(file: string, global: string, atRoot: boolean): InputError {
  const shown = global.length > 100 ? `${global.slice(0, 100)}...` : global;
  const what = atRoot
    ? `is one pickled object of class ${shown} (torch.save(model)), not a dict of weights; reading it would run its code`
    : `names ${shown}, which weights do not need and which would be run on loading`;
  return new InputError(`${file} ${what}: refused, nothing was executed`, {
    code: 'unsafe-checkpoint',
    place: { file },
    hint: "where the file is yours, save tensors and plain numbers only: torch.save({'model_state_dict': model.state_dict()}, path); else do not load it anywhere",
  });
}

function dtype(module: string, name: string): Dtype | undefined {
  const type = module === 'torch' ? elementTypes.get(dtypeAliases[name] ?? name) : undefined;
  return type === undefined ? undefined : new Dtype(name, type);
}

function rebuildV2(parameters: readonly PythonValue[], file: string): TensorReference {
  refuseLazyBits(parameters[6], file);
  return rebuildTensor(parameters, file);
}

/** `_rebuild_tensor_v3(storage, offset, size, stride, requires_grad, hooks, dtype, metadata)`: untyped storage. */
function rebuildV3(parameters: readonly PythonValue[], file: string): TensorReference {
  const type = parameters[6];
  if (!(type instanceof Dtype)) throw corruptCheckpoint(file, `a tensor's element type is ${describeValue(type)}`);
  refuseLazyBits(parameters[7], file);
  return rebuildTensor(parameters, file, type.type);
}

function rebuildParameter([tensor]: readonly PythonValue[], file: string): TensorReference {
  if (!(tensor instanceof TensorReference)) throw corruptCheckpoint(file, `a parameter is made of ${describeValue(tensor)}`);
  return tensor;
}

/** `OrderedDict()`, or as Python 2 wrote it `OrderedDict([[key, value], ...])`; `Counter({...})`. */
function dictFrom([source]: readonly PythonValue[], spend: Spend, file: string): PythonDict {
  const dict = new PythonDict();
  if (source instanceof PythonDict) {
    spend(source.entries.size);
    for (const [key, value] of source.entries) dict.entries.set(key, value);
    return dict;
  }
  for (const pair of source === undefined ? [] : itemsFrom([source], spend, file)) {
    const [key, value] = Array.isArray(pair) ? pair : pair instanceof PythonTuple ? pair.items : [];
    if (key === undefined || value === undefined || (typeof key === 'object' && !(key instanceof PythonTuple))) {
      throw corruptCheckpoint(file, `a dict is made of ${describeValue(pair)}`);
    }
    dict.entries.set(key, value);
  }
  return dict;
}

function itemsFrom([source]: readonly PythonValue[], spend: Spend, file: string): PythonValue[] {
  if (source === undefined) return [];
  const items = source instanceof PythonTuple ? source.items : Array.isArray(source) || source instanceof Set ? [...source] : undefined;
  if (items === undefined) throw corruptCheckpoint(file, `a sequence is made of ${describeValue(source)}`);
  spend(items.length);
  return [...items];
}

/** Protocol 2 writes bytes as `_codecs.encode(text, 'latin1')`. */
function bytesFrom([source]: readonly PythonValue[], spend: Spend, file: string): Uint8Array {
  if (source === undefined) return new Uint8Array(0);
  if (source instanceof Uint8Array) return source;
  if (typeof source !== 'string') throw corruptCheckpoint(file, `bytes are made of ${describeValue(source)}`);
  spend(source.length);
  const bytes = Uint8Array.from(source, (character) => character.codePointAt(0) ?? 0);
  if (latin1(bytes) !== source) throw corruptCheckpoint(file, 'bytes are made of text beyond Latin-1');
  return bytes;
}
