import { corruptCheckpoint } from '../refusals.js';
import { OpaqueValue, PickleGlobal, PythonObject, PythonTuple, describeValue, type PythonValue } from './pickle/values.js';

/** `numpy.dtype('f8')`: its byte order comes afterwards, in its state `(3, '<', ...)`. */
class NumpyDtype extends PythonObject {
  private littleEndian = true;

  constructor(private readonly code: string) {
    super();
  }

  describe(): string {
    return `numpy.dtype('${this.code}')`;
  }

  override takeState(state: PythonValue): boolean {
    if (!(state instanceof PythonTuple)) return false;
    this.littleEndian = state.items[1] !== '>';
    return true;
  }

  /** The number these bytes hold, or undefined for a type that is none (text, dates) or a wrong length. */
  read(bytes: Uint8Array): number | bigint | boolean | undefined {
    if (Number(this.code.slice(1)) !== bytes.byteLength) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const little = this.littleEndian;
    switch (this.code) {
      case 'f8': return view.getFloat64(0, little);
      case 'f4': return view.getFloat32(0, little);
      case 'i8': return narrow(view.getBigInt64(0, little));
      case 'u8': return narrow(view.getBigUint64(0, little));
      case 'i4': return view.getInt32(0, little);
      case 'u4': return view.getUint32(0, little);
      case 'i2': return view.getInt16(0, little);
      case 'u2': return view.getUint16(0, little);
      case 'i1': return view.getInt8(0);
      case 'u1': return view.getUint8(0);
      case 'b1': return view.getUint8(0) !== 0;
      default: return undefined;
    }
  }
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/**
 * A trainer's `val_accuracy` is often a NumPy scalar: a dtype and its bytes, read here as the number it is. NumPy
 * arrays are not on the list.
 */
export function numpyGlobal(module: string, name: string, file: string): PickleGlobal | undefined {
  if (module === 'numpy' && name === 'dtype') {
    return new PickleGlobal(module, name, ([code]) => {
      if (typeof code !== 'string') throw corruptCheckpoint(file, `a NumPy type is made of ${describeValue(code)}`);
      return new NumpyDtype(code);
    });
  }
  if ((module === 'numpy.core.multiarray' || module === 'numpy._core.multiarray') && name === 'scalar') {
    return new PickleGlobal(module, name, ([type, content]) => {
      if (!(type instanceof NumpyDtype)) throw corruptCheckpoint(file, `a NumPy scalar's type is ${describeValue(type)}`);
      const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : content;
      const value = bytes instanceof Uint8Array ? type.read(bytes) : undefined;
      return value ?? new OpaqueValue(`a NumPy scalar of ${type.describe()}`);
    });
  }
  return undefined;
}
