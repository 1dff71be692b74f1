import type { Tensor } from '@tensorflow/tfjs';
import type { Attribute, Attributes, Handle, NativeOps } from './tensorflow.js';

/** What tfjs-node's native module exports, as far as it is used here. */
export interface NativeBinding {
  readonly TF_Version: string;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_INT64: number;
  readonly TF_BOOL: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  isUsingGpuDevice(): boolean;
  executeOp(name: string, attributes: readonly NativeAttribute[], inputIds: readonly number[], outputs: number): Handle[];
  deleteTensor(id: number): void;
}

/** Of TensorFlow's C API (`tf_datatype.h`), which the native module does not export. */
const TF_INT8 = 6;
const TF_HALF = 19;

interface NativeAttribute {
  readonly name: string;
  readonly type: number;
  /** An array is read as a list of integers, floats or booleans; integers of a list must fit 32 bits. */
  readonly value: number | boolean | string | readonly number[];
}

/** tfjs-node's backend: `tf.backend()` once `@tensorflow/tfjs-node-gpu` is loaded. */
export interface NodeBackend {
  readonly binding: NativeBinding;
  getInputTensorIds(inputs: readonly Tensor[]): number[];
  createOutputTensor(output: Handle): Tensor;
}

/**
 * TensorFlow's kernels by name. An int64 or int8 result appears as an `int32` tensor, as everywhere in tfjs-node, and a
 * float16 one as `float32`: it may be handed to another kernel, but must be cast before its values are read.
 */
export function createNativeOps(backend: NodeBackend): NativeOps {
  const { binding } = backend;
  const read = (attributes: Attributes) => Object.entries(attributes).map(([key, attribute]) => nativeAttribute(binding, key, attribute));
  // tfjs-node prints a warning at every int64 output and refuses the others.
  const known = new Map([[binding.TF_INT64, binding.TF_INT32], [TF_INT8, binding.TF_INT32], [TF_HALF, binding.TF_FLOAT]]);
  const tensor = (output: Handle) => backend.createOutputTensor({ ...output, dtype: known.get(output.dtype) ?? output.dtype });
  return {
    run: (name, attributes, inputs, outputs) => binding.executeOp(name, read(attributes), backend.getInputTensorIds(inputs), outputs).map(tensor),
    bare(work) {
      const unwanted = new Set<Handle>();
      try {
        const wanted = work({
          handle: (given) => ({ id: backend.getInputTensorIds([given])[0], shape: given.shape, dtype: binding.TF_FLOAT }),
          kernel(name, attributes, outputs) {
            const list = read(attributes);
            return (...inputs) => {
              const made = binding.executeOp(name, list, inputs.map(({ id }) => id), outputs);
              for (const each of made) unwanted.add(each);
              return made;
            };
          },
          free(...handles) {
            for (const each of handles) if (unwanted.delete(each)) binding.deleteTensor(each.id);
          },
        });
        for (const each of wanted) unwanted.delete(each);
        return wanted.map(tensor);
      } finally {
        for (const { id } of unwanted) binding.deleteTensor(id);
      }
    },
  };
}

function nativeAttribute(binding: NativeBinding, name: string, attribute: Attribute): NativeAttribute {
  if ('type' in attribute) {
    const types = { float32: binding.TF_FLOAT, float16: TF_HALF, int32: binding.TF_INT32, int64: binding.TF_INT64, bool: binding.TF_BOOL };
    return { name, type: binding.TF_ATTR_TYPE, value: types[attribute.type] };
  }
  if ('int' in attribute) return { name, type: binding.TF_ATTR_INT, value: attribute.int };
  if ('ints' in attribute) return { name, type: binding.TF_ATTR_INT, value: [...attribute.ints] };
  if ('float' in attribute) return { name, type: binding.TF_ATTR_FLOAT, value: attribute.float };
  if ('bool' in attribute) return { name, type: binding.TF_ATTR_BOOL, value: attribute.bool };
  return { name, type: binding.TF_ATTR_STRING, value: attribute.text };
}
