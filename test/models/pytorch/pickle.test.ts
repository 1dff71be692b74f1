import { describe, expect, it } from 'vitest';
import { ByteReader } from '../../../src/models/pytorch/byte-reader.js';
import { pytorchHost } from '../../../src/models/pytorch/globals.js';
import { readPickle } from '../../../src/models/pytorch/pickle/read-pickle.js';
import { PythonDict, PythonTuple, type PythonValue } from '../../../src/models/pytorch/pickle/values.js';
import { PickleWriter } from '../../support/pickle-writer.js';
import { refusalOf } from '../../support/refusals.js';

const read = (bytes: Uint8Array): PythonValue => readPickle(new ByteReader(bytes, 'x.pt', 'data.pkl'), pytorchHost('x.pt'));
/** Python values as plain JavaScript, to compare. */
const plain = (value: PythonValue): unknown => {
  if (value instanceof PythonTuple) return { tuple: value.items.map(plain) };
  if (value instanceof PythonDict) return new Map([...value.entries].map(([key, each]) => [plain(key), plain(each)]));
  if (Array.isArray(value)) return value.map(plain);
  return value;
};
const base64 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64'));

describe('readPickle', () => {
  // pickle.dumps([None, True, False, 0, -1, 300, 70000, 2**40, -2**70, 1.5, float('-inf'), 'ä', 'x'*300, b'\x00\xff', (), (1,),
  // (1, 2, 3, 4), [1, [2]], {'a': {'b': 1}}, {3}, OrderedDict(a=1), bytearray(b'ab')], protocol)
  const long = 'x'.repeat(300);
  const values = [
    null, true, false, 0, -1, 300, 70000, 2 ** 40, -(2n ** 70n), 1.5, -Infinity, 'ä', long, Uint8Array.of(0, 255),
    { tuple: [] }, { tuple: [1] }, { tuple: [1, 2, 3, 4] }, [1, [2]], new Map([['a', new Map([['b', 1]])]]), new Set([3]),
    new Map([['a', 1]]), Uint8Array.of(97, 98),
  ];
  const pickles: Record<string, string> = {
    0: 'KGxwMApOYUkwMQphSTAwCmFJMAphSS0xCmFJMzAwCmFJNzAwMDAKYUwxMDk5NTExNjI3Nzc2TAphTC0xMTgwNTkxNjIwNzE3NDExMzAzNDI0TAphRjEuNQphRi1pbmYKYVbkCnAxCmFWeHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4CnAyCmFjX2NvZGVjcwplbmNvZGUKcDMKKFZcdTAwMDD/CnA0ClZsYXRpbjEKcDUKdHA2ClJwNwphKHRhKEkxCnRwOAphKEkxCkkyCkkzCkk0CnRwOQphKGxwMTAKSTEKYShscDExCkkyCmFhYShkcDEyClZhCnAxMwooZHAxNApWYgpwMTUKSTEKc3NhY19fYnVpbHRpbl9fCnNldApwMTYKKChscDE3CkkzCmF0cDE4ClJwMTkKYWNjb2xsZWN0aW9ucwpPcmRlcmVkRGljdApwMjAKKHRScDIxCmcxMwpJMQpzYWNfX2J1aWx0aW5fXwpieXRlYXJyYXkKcDIyCihnMwooVmFiCnAyMwpnNQp0cDI0ClJwMjUKdHAyNgpScDI3CmEu',
    1: 'XXEAKE5JMDEKSTAwCksASv////9NLAFKcBEBAEwxMDk5NTExNjI3Nzc2TApMLTExODA1OTE2MjA3MTc0MTEzMDM0MjRMCkc/+AAAAAAAAEf/8AAAAAAAAFgCAAAAw6RxAVgsAQAAeHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4cQJjX2NvZGVjcwplbmNvZGUKcQMoWAMAAAAAw79xBFgGAAAAbGF0aW4xcQV0cQZScQcpKEsBdHEIKEsBSwJLA0sEdHEJXXEKKEsBXXELSwJhZX1xDFgBAAAAYXENfXEOWAEAAABicQ9LAXNzY19fYnVpbHRpbl9fCnNldApxEChdcRFLA2F0cRJScRNjY29sbGVjdGlvbnMKT3JkZXJlZERpY3QKcRQpUnEVaA1LAXNjX19idWlsdGluX18KYnl0ZWFycmF5CnEWKGgDKFgCAAAAYWJxF2gFdHEYUnEZdHEaUnEbZS4=',
    2: 'gAJdcQAoToiJSwBK/////00sAUpwEQEAigYAAAAAAAGKCQAAAAAAAAAAwEc/+AAAAAAAAEf/8AAAAAAAAFgCAAAAw6RxAVgsAQAAeHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4cQJjX2NvZGVjcwplbmNvZGUKcQNYAwAAAADDv3EEWAYAAABsYXRpbjFxBYZxBlJxBylLAYVxCChLAUsCSwNLBHRxCV1xCihLAV1xC0sCYWV9cQxYAQAAAGFxDX1xDlgBAAAAYnEPSwFzc2NfX2J1aWx0aW5fXwpzZXQKcRBdcRFLA2GFcRJScRNjY29sbGVjdGlvbnMKT3JkZXJlZERpY3QKcRQpUnEVaA1LAXNjX19idWlsdGluX18KYnl0ZWFycmF5CnEWaANYAgAAAGFicRdoBYZxGFJxGYVxGlJxG2Uu',
    3: 'gANdcQAoToiJSwBK/////00sAUpwEQEAigYAAAAAAAGKCQAAAAAAAAAAwEc/+AAAAAAAAEf/8AAAAAAAAFgCAAAAw6RxAVgsAQAAeHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4cQJDAgD/cQMpSwGFcQQoSwFLAksDSwR0cQVdcQYoSwFdcQdLAmFlfXEIWAEAAABhcQl9cQpYAQAAAGJxC0sBc3NjYnVpbHRpbnMKc2V0CnEMXXENSwNhhXEOUnEPY2NvbGxlY3Rpb25zCk9yZGVyZWREaWN0CnEQKVJxEWgJSwFzY2J1aWx0aW5zCmJ5dGVhcnJheQpxEkMCYWJxE4VxFFJxFWUu',
    4: 'gASV8QEAAAAAAABdlChOiIlLAEr/////TSwBSnARAQCKBgAAAAAAAYoJAAAAAAAAAADARz/4AAAAAAAAR//wAAAAAAAAjALDpJRYLAEAAHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eJRDAgD/lClLAYWUKEsBSwJLA0sEdJRdlChLAV2USwJhZX2UjAFhlH2UjAFilEsBc3OPlChLA5CMC2NvbGxlY3Rpb25zlIwLT3JkZXJlZERpY3SUk5QpUpRoCUsBc4wIYnVpbHRpbnOUjAlieXRlYXJyYXmUk5RDAmFilIWUUpRlLg==',
    5: 'gAWV2wEAAAAAAABdlChOiIlLAEr/////TSwBSnARAQCKBgAAAAAAAYoJAAAAAAAAAADARz/4AAAAAAAAR//wAAAAAAAAjALDpJRYLAEAAHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eJRDAgD/lClLAYWUKEsBSwJLA0sEdJRdlChLAV2USwJhZX2UjAFhlH2UjAFilEsBc3OPlChLA5CMC2NvbGxlY3Rpb25zlIwLT3JkZXJlZERpY3SUk5QpUpRoCUsBc5YCAAAAAAAAAGFilGUu',
  };
  it.each(Object.entries(pickles))('reads what Python writes with protocol %s', (_protocol, text) => {
    expect(plain(read(base64(text)))).toEqual(values);
  });

  it('reads text of Python 2 and of protocol 0', () => {
    expect(read(new TextEncoder().encode("(lp0\nS'it\\'s'\np1\naVq\\u00e9\np2\naF2.5\naL12L\naI01\nag1\na."))).toEqual(["it's", 'qé', 2.5, 12, true, "it's"]);
  });

  it('lets an object be part of itself', () => {
    const list = read(Uint8Array.from([0x80, 2, 0x5d, 0x71, 0, 0x68, 0, 0x61, 0x2e])) as PythonValue[];
    expect(list[0]).toBe(list);
  });

  it('reads the OrderedDict of Python 2: a list of pairs', () => {
    const bytes = new TextEncoder().encode('ccollections\nOrderedDict\n((l(lS\'a\'\naI1\naatR.');
    expect(plain(read(bytes))).toEqual(new Map([['a', 1]]));
  });

  it('leaves the reader behind each of several pickles', () => {
    const reader = new ByteReader(Uint8Array.from([0x4b, 1, 0x2e, 0x4b, 2, 0x2e]), 'x.pt', 'it');
    expect([readPickle(reader, pytorchHost('x.pt')), readPickle(reader, pytorchHost('x.pt'))]).toEqual([1, 2]);
    expect(reader.remaining).toBe(0);
  });
});

describe('readPickle refuses as unsafe', () => {
  it.each([
    ['posix', 'system'], ['os', 'system'], ['nt', 'system'], ['builtins', 'eval'], ['builtins', 'exec'], ['__builtin__', 'getattr'], ['builtins', '__import__'],
    ['subprocess', 'Popen'], ['torch.storage', '_load_from_bytes'], ['torch', 'load'], ['torch.hub', 'load'], ['torch.utils.cpp_extension', 'load'],
    ['torch._utils', '_import_dotted_name'], ['collections', 'defaultdict'], ['functools', 'partial'], ['operator', 'attrgetter'],
    ['numpy', 'load'], ['numpy.core.multiarray', '_reconstruct'], ['runpy', '_run_code'], ['_codecs', 'decode'], ['copyreg', '_reconstructor'],
    ['collections.OrderedDict', 'x'], ['torch._utils', '_rebuild_tensor_v2.__globals__'], ['constructor', 'prototype'], ['torch', '__proto__'],
  ])('the global %s %s', (module, name) => {
    const error = refusalOf(() => read(new PickleWriter().instruction(']').global(module, name).instruction('a').end()));
    expect(error.code).toBe('unsafe-checkpoint');
    expect(error.message).toContain(`${module}.${name}`);
    expect(error.message).toContain('nothing was executed');
  });

  it('a global named through the stack', () => {
    const bytes = new PickleWriter().instruction(']').text('posix').text('system').raw(0x93).instruction('a').end();
    expect(refusalOf(() => read(bytes)).message).toContain('posix.system');
  });

  it.each([['INST', 'i'], ['OBJ', 'o'], ['PERSID', 'P'], ['NEWOBJ_EX', '\x92'], ['EXT1', '\x82'], ['NEXT_BUFFER', '\x97']])('the instruction %s', (name, character) => {
    const error = refusalOf(() => read(new PickleWriter().instruction(character).end()));
    expect(error).toMatchObject({ code: 'unsafe-checkpoint' });
    expect(error.message).toContain(name);
  });
});

describe('readPickle refuses as damaged', () => {
  const writer = (): PickleWriter => new PickleWriter();
  it.each<[string, Uint8Array, RegExp]>([
    ['an empty stack', writer().instruction('a').end(), /empty stack/],
    ['a pop below the mark', writer().instruction(']').instruction('(').instruction('a').end(), /empty stack/],
    ['no mark', writer().instruction('t').end(), /no mark/],
    ['no value at the end', writer().end(), /empty stack/],
    ['a memo that was never set', writer().raw(0x68, 9).end(), /memo 9 was never set/],
    ['an unknown instruction', writer().raw(0xff).end(), /no such instruction.*0xff/],
    ['a list as a dict key', writer().instruction('}').instruction(']').integer(1).instruction('s').end(), /a list is a dict key/],
    ['a key without a value', writer().instruction('}').instruction('(').integer(1).instruction('u').end(), /without a value/],
    ['a call of a number', writer().integer(1).instruction(')').instruction('R').end(), /cannot be called/],
    ['a call of inert data', writer().global('torch', 'FloatStorage').instruction(')').instruction('R').end(), /torch\.FloatStorage cannot be called/],
    ['state for a number', writer().integer(1).integer(2).instruction('b').end(), /takes no state/],
    ['a number too long', writer().raw(0x8b).uint32(600).raw(...Array<number>(600).fill(1)).end(), /600 bytes/],
    ['text that is not UTF-8', writer().instruction('X').uint32(1).raw(0xff).end(), /not UTF-8/],
    ['a persistent id that is none', writer().integer(1).instruction('Q').end(), /persistent id/],
  ])('%s', (_name, bytes, message) => {
    const error = refusalOf(() => read(bytes));
    expect(error.code).toBe('corrupt-checkpoint');
    expect(error.message).toMatch(message);
  });

  it('a declared length beyond the end, before making room for it', () => {
    const error = refusalOf(() => read(writer().instruction('X').uint32(0xfffffff0).end()));
    expect(error.code).toBe('truncated-checkpoint');
  });

  it('a newer protocol', () => {
    expect(refusalOf(() => read(Uint8Array.from([0x80, 6, 0x4e, 0x2e]))).code).toBe('unsupported-checkpoint');
  });

  it('copies without end: 20 KB that would copy 100 million items', () => {
    const bomb = writer().instruction('(');
    for (let i = 0; i < 10_000; i++) bomb.raw(0x4e);
    bomb.instruction('l').raw(0x71, 0).instruction('0').instruction('(').global('torch', 'Size').raw(0x71, 1);
    for (let i = 0; i < 1000; i++) bomb.raw(0x68, 1, 0x68, 0, 0x85, 0x52, 0x30);
    const started = performance.now();
    expect(refusalOf(() => read(bomb.end())).message).toMatch(/over and over/);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
