import { describe, expect, it } from 'vitest';
import { ZipArchive } from '../../../src/models/pytorch/zip.js';
import { readPytorch } from '../../../src/models/pytorch/read-pytorch.js';
import { PickleWriter, pytorchArchive, zipArchive, type ZipFile } from '../../support/pickle-writer.js';
import { refusalOf } from '../../support/refusals.js';

const content = new TextEncoder().encode('some numbers'.repeat(50));
const open = (files: readonly ZipFile[]): ZipArchive => new ZipArchive(zipArchive(files), 'x.pt');
const only = (file: Partial<ZipFile>): (() => Uint8Array) => {
  const archive = open([{ name: 'other', content: Uint8Array.of(1) }, { name: 'a', content, ...file }]);
  return () => archive.content([...archive.entries.values()][1]);
};

describe('ZipArchive', () => {
  it('reads stored and deflated entries', () => {
    expect(only({})()).toEqual(content);
    expect(new Uint8Array(only({ deflate: true })())).toEqual(content);
  });

  it.each<[string, Partial<ZipFile>, string, RegExp]>([
    ['a wrong checksum', { crc: 1 }, 'corrupt-checkpoint', /checksum of a /],
    ['a wrong length', { size: 5 }, 'corrupt-checkpoint', /should hold 5 bytes and holds 600/],
    ['more than it declares, deflated', { deflate: true, size: 5 }, 'corrupt-checkpoint', /does not inflate to 5/],
    ['a bomb', { deflate: true, size: 0xfffffff0 }, 'corrupt-checkpoint', /would inflate to 4294967280/],
    ['data that does not inflate', { method: 8 }, 'corrupt-checkpoint', /does not inflate/],
    ['another compression', { method: 12 }, 'unsupported-checkpoint', /method 12/],
    ['encryption', { flags: 1 }, 'unsupported-checkpoint', /encrypted/],
  ])('refuses %s', (_name, file, code, message) => {
    const error = refusalOf(only(file));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  it('refuses two entries of one name: two readers would see two files', () => {
    expect(refusalOf(() => open([{ name: 'a', content }, { name: 'a', content }])).message).toMatch(/lists a twice/);
  });

  it('refuses an entry whose own header has another name', () => {
    const bytes = zipArchive([{ name: 'abc', content }]);
    bytes[30] = 0x7a;
    const archive = new ZipArchive(bytes, 'x.pt');
    expect(refusalOf(() => archive.content(archive.entries.get('abc')!)).message).toMatch(/abc where the file says zbc/);
  });
});

describe('a PyTorch archive', () => {
  const values = Float32Array.of(1, -2, 3.5);
  const pickle = new PickleWriter().dict({ w: (writer) => writer.tensor({ key: '0', count: 3, shape: [3] }) }).end();
  const read = (bytes: Uint8Array): Float32Array | undefined => readPytorch(bytes, 'x.pt', 'pytorch-zip').weights.get('w')?.data;

  it('may have any folder, none at all, and entries nobody knows', () => {
    const numbers = new Uint8Array(values.buffer);
    for (const folder of ['', 'archive/', 'a b/ü/']) {
      const files = [{ name: `${folder}data.pkl`, content: pickle }, { name: `${folder}data/0`, content: numbers }];
      expect(read(zipArchive([...files, { name: `${folder}.data/serialization_id`, content: numbers }]))).toEqual(values);
    }
  });

  it('of a big-endian machine is read in its order', () => {
    const swapped = Buffer.from(values.slice().buffer).swap32();
    expect(read(pytorchArchive(pickle, [swapped], [{ name: 'a/byteorder', content: Buffer.from('big') }]))).toEqual(values);
    const error = refusalOf(() => read(pytorchArchive(pickle, [swapped], [{ name: 'a/byteorder', content: Buffer.from('middle') }])));
    expect(error.message).toMatch(/byte order is 'middle'/);
  });

  it('without a storage it needs, or with one too short or too long, is refused', () => {
    expect(refusalOf(() => read(pytorchArchive(pickle))).message).toMatch(/no data\/0/);
    expect(refusalOf(() => read(pytorchArchive(pickle, [new Uint8Array(8)]))).message).toMatch(/should hold 3 x 4 bytes and holds 8/);
    expect(refusalOf(() => read(pytorchArchive(pickle, [new Uint8Array(16)]))).message).toMatch(/holds 16/);
  });

  it('with two pickles is refused', () => {
    expect(refusalOf(() => read(zipArchive([{ name: 'a/data.pkl', content: pickle }, { name: 'b/data.pkl', content: pickle }]))).message).toMatch(/2 files data\.pkl/);
  });
});
