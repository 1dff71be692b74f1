import type { Tensor } from '@tensorflow/tfjs';
import type { Attribute, NativeOps } from './tensorflow.js';

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
  executeOp(name: string, attributes: readonly NativeAttribute[], inputIds: readonly number[], outputs: number): NativeOutput[];
}

interface NativeAttribute {
  readonly name: string;
  readonly type: number;
  /** An array is read as a list of integers, floats or booleans; integers of a list must fit 32 bits. */
  readonly value: number | boolean | string | readonly number[];
}

interface NativeOutput {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

/** tfjs-node's backend: `tf.backend()` once `@tensorflow/tfjs-node-gpu` is loaded. */
export interface NodeBackend {
  readonly binding: NativeBinding;
  getInputTensorIds(inputs: readonly Tensor[]): number[];
  createOutputTensor(output: NativeOutput): Tensor;
}

/**
 * TensorFlow's kernels by name. An int64 result appears as an `int32` tensor, as everywhere in tfjs-node: it may be
 * handed to another kernel, but must be cast before its values are read.
 */
export function createNativeOps(backend: NodeBackend): NativeOps {
  const { binding } = backend;
  return {
    run(name, attributes, inputs, outputs) {
      const list = Object.entries(attributes).map(([key, attribute]) => nativeAttribute(binding, key, attribute));
      const made = binding.executeOp(name, list, backend.getInputTensorIds(inputs), outputs);
      // Named int32 here, an int64 output does not make tfjs-node print a warning at every call.
      return made.map((output) => backend.createOutputTensor(output.dtype === binding.TF_INT64 ? { ...output, dtype: binding.TF_INT32 } : output));
    },
  };
}

function nativeAttribute(binding: NativeBinding, name: string, attribute: Attribute): NativeAttribute {
  if ('type' in attribute) {
    const types = { float32: binding.TF_FLOAT, int32: binding.TF_INT32, int64: binding.TF_INT64, bool: binding.TF_BOOL };
    return { name, type: binding.TF_ATTR_TYPE, value: types[attribute.type] };
  }
  if ('int' in attribute) return { name, type: binding.TF_ATTR_INT, value: attribute.int };
  if ('ints' in attribute) return { name, type: binding.TF_ATTR_INT, value: [...attribute.ints] };
  if ('float' in attribute) return { name, type: binding.TF_ATTR_FLOAT, value: attribute.float };
  if ('bool' in attribute) return { name, type: binding.TF_ATTR_BOOL, value: attribute.bool };
  return { name, type: binding.TF_ATTR_STRING, value: attribute.text };
}
