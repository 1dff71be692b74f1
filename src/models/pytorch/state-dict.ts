import { InputError } from '../../errors.js';
import type { Tensor } from '../checkpoint.js';
import { readOwnDescription } from '../own-description.js';
import { corruptCheckpoint, notACheckpoint, unsupportedTensor } from '../refusals.js';
import { DESCRIPTION } from '../safetensors/weights-hash.js';
import type { StoredModel } from '../stored-model.js';
import { describeValue, PythonDict, type PythonValue } from './pickle/values.js';
import { readTensor, TensorReference } from './tensors.js';
import type { PickledCheckpoint } from './zip-checkpoint.js';

/** Under which keys a training script puts the state dict. */
const STATE_DICT_KEYS = ['model_state_dict', 'state_dict', 'model'];
/** What wrappers put before a parameter's name: DataParallel, torch.compile. */
const WRAPPER_PREFIXES = ['module.', '_orig_mod.'];

/** Views of one storage may repeat it; together the weights still cannot hold more numbers than this and the file's bytes. */
const NUMBERS_IN_ANY_FILE = 1 << 20;

/** Finds the state dict in `{model_state_dict | state_dict | model: ...}` or a bare one, and reads its tensors. */
export function readStateDict({ root, storages }: PickledCheckpoint, file: string, fileBytes: number): StoredModel {
  if (!(root instanceof PythonDict)) {
    throw notACheckpoint(file, `it holds ${describeValue(root)}, not a dict of weights`, 'save model.state_dict(), or a dict with model_state_dict');
  }
  const { tensors, bare } = findStateDict(root, file);
  let numbers = 0;
  const weights = new Map<string, Tensor>();
  const otherTensors = new Map<string, string>();
  const wide: string[] = [];
  for (const [name, tensor] of tensors) {
    if (tensor.type.kind === 'integer') {
      otherTensors.set(name, tensor.type.name);
      continue;
    }
    numbers += tensor.elements;
    if (numbers > Math.max(NUMBERS_IN_ANY_FILE, fileBytes)) {
      throw corruptCheckpoint(file, `its tensors hold more numbers than the file has bytes (tensor ${name} ${tensor.describe()})`);
    }
    if (tensor.type.name === 'float64') wide.push(name);
    weights.set(name, readTensor(tensor, storages, file, name));
  }
  const read = (tensor: TensorReference, name: string): number => readTensor(tensor, storages, file, name).data[0];
  const description = bare ? undefined : root.entries.get(DESCRIPTION);
  if (typeof description === 'string') return { weights, otherTensors, ...readOwnDescription(description, weights, file) };
  const metrics = { ...numbersIn(root, read), ...(bare ? {} : numbersIn(root.entries.get('metadata'), read)) };
  return {
    weights,
    otherTensors,
    manifest: Object.keys(metrics).length === 0 ? {} : { metrics },
    assumed: wide.length === 0 ? [] : [`float64 weights rounded to float32 (${wide.length} of ${weights.size} tensors)`],
  };
}

function findStateDict(root: PythonDict, file: string): { tensors: Map<string, TensorReference>; bare: boolean } {
  const key = STATE_DICT_KEYS.find((name) => holdsTensors(root.entries.get(name)));
  if (key !== undefined) return { tensors: namedTensors(root.entries.get(key) as PythonDict, false, file), bare: false };
  if (holdsTensors(root)) return { tensors: namedTensors(root, true, file), bare: true };
  const keys = [...root.entries.keys()].slice(0, 10).map(describeValue).join(', ');
  throw notACheckpoint(
    file,
    `its dict holds no weights under ${STATE_DICT_KEYS.join(', ')} (keys: ${keys === '' ? 'none' : keys})`,
    "save it as torch.save({'model_state_dict': model.state_dict()}, path)",
  );
}

function holdsTensors(value: PythonValue | undefined): boolean {
  return value instanceof PythonDict && [...value.entries.values()].some((each) => each instanceof TensorReference);
}

/** @param bare a bare state dict may carry the trainer's figures among the tensors. */
function namedTensors(dict: PythonDict, bare: boolean, file: string): Map<string, TensorReference> {
  const tensors = new Map<string, TensorReference>();
  for (const [key, tensor] of dict.entries) {
    if (!(tensor instanceof TensorReference) || typeof key !== 'string') {
      if (bare) continue;
      throw unsupportedTensor(file, typeof key === 'string' ? key : describeValue(key), `it is ${describeValue(tensor)}, not a tensor`);
    }
    const name = withoutWrappers(key);
    if (tensors.has(name)) {
      throw new InputError(`${file}: two tensors are called ${name} once ${WRAPPER_PREFIXES.join(' and ')} are taken off`, {
        code: 'duplicate-weight',
        place: { file, tensor: name },
        hint: 'save the state dict of one model only',
      });
    }
    tensors.set(name, tensor);
  }
  return tensors;
}

function withoutWrappers(key: string): string {
  let name = key;
  for (;;) {
    const prefix = WRAPPER_PREFIXES.find((each) => name.startsWith(each));
    if (prefix === undefined) return name;
    name = name.slice(prefix.length);
  }
}

/** The finite numbers of a dict by name: `{epoch: 3, val_accuracy: 0.51}`. A 0-dimensional tensor counts as one. */
function numbersIn(
  value: PythonValue | undefined,
  read: (tensor: TensorReference, name: string) => number,
): Record<string, number> {
  const found: [string, number][] = [];
  for (const [key, each] of value instanceof PythonDict ? value.entries : []) {
    if (typeof key !== 'string') continue;
    const scalar = each instanceof TensorReference && each.shape.length === 0 && each.type.kind === 'float';
    const number = scalar ? read(each, key) : each;
    if (typeof number === 'number' && Number.isFinite(number)) found.push([key, number]);
  }
  return Object.fromEntries(found);
}
