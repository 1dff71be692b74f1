import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureWritable, withFolderLock, writeAtomically, writeTogether } from '../src/atomic-file.js';
import { InputError } from '../src/errors.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crpbot-atomic-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const cannotWrite: unknown = expect.objectContaining({ code: 'cannot-write' });

describe('writeAtomically', () => {
  it('keeps the old file and leaves nothing behind when the writing fails', () => {
    const path = join(folder, 'a.csv');
    writeFileSync(path, 'old');
    const failing = () =>
      writeAtomically(path, (temporary) => {
        writeFileSync(temporary, 'half a li');
        throw new Error('no space left on device');
      });
    expect(failing).toThrow(cannotWrite);
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['a.csv']);
  });
});

describe('writeAtomically, where nothing can be written', () => {
  it('says so when a part of the path is a file', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => writeAtomically(join(folder, 'file/a.csv'), () => undefined)).toThrow(cannotWrite);
  });
});

describe('writeAtomically, where the name is taken by something else', () => {
  it('never replaces a folder or a device', () => {
    mkdirSync(join(folder, 'a.csv'));
    expect(() => writeAtomically(join(folder, 'a.csv'), (temporary) => writeFileSync(temporary, ''))).toThrow(/a folder has this name/);
    const pipe = join(folder, 'pipe');
    spawnSync('mkfifo', [pipe]);
    expect(() => writeAtomically(pipe, (temporary) => writeFileSync(temporary, ''))).toThrow(/a device has this name/);
  });
});

describe('ensureWritable', () => {
  it('says so, and ends, where a parent folder cannot be made', () => {
    const unmakeable = process.platform === 'linux' ? '/proc/nowhere/results' : join(folder, '\0/results');
    expect(() => ensureWritable(unmakeable)).toThrow(cannotWrite);
  });
});

describe('writeTogether', () => {
  it('writes all files, in folders made for them', () => {
    writeTogether([
      { path: join(folder, 'new/a.txt'), content: 'a' },
      { path: join(folder, 'b.bin'), content: Uint8Array.of(1, 2) },
    ]);
    expect(readFileSync(join(folder, 'new/a.txt'), 'utf8')).toBe('a');
    expect([...readFileSync(join(folder, 'b.bin'))]).toEqual([1, 2]);
    expect(readdirSync(folder).sort()).toEqual(['b.bin', 'new']);
  });

  it('replaces no file when one of them cannot be written', () => {
    writeFileSync(join(folder, 'a.txt'), 'old');
    const tooLong = 'x'.repeat(300);
    const failing = () => writeTogether([{ path: join(folder, 'a.txt'), content: 'new' }, { path: join(folder, tooLong), content: '' }]);
    expect(failing).toThrow(cannotWrite);
    expect(failing).toThrow(tooLong);
    expect(readFileSync(join(folder, 'a.txt'), 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['a.txt']);
  });

  it('replaces no file when a folder has the name of one', () => {
    writeFileSync(join(folder, 'a.txt'), 'old');
    mkdirSync(join(folder, 'b.txt'));
    expect(() => writeTogether([{ path: join(folder, 'a.txt'), content: 'new' }, { path: join(folder, 'b.txt'), content: '' }])).toThrow(cannotWrite);
    expect(readFileSync(join(folder, 'a.txt'), 'utf8')).toBe('old');
    expect(readdirSync(folder).sort()).toEqual(['a.txt', 'b.txt']);
  });

  it('says which file when a part of the path is no folder', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => writeTogether([{ path: join(folder, 'file/a.txt'), content: '' }])).toThrow(cannotWrite);
  });
});

describe('ensureWritable', () => {
  it('makes the folder and leaves it empty', () => {
    ensureWritable(join(folder, 'results'));
    expect(readdirSync(join(folder, 'results'))).toEqual([]);
  });

  it('refuses a path that is a file', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => ensureWritable(join(folder, 'file'))).toThrow(InputError);
    expect(existsSync(join(folder, 'file'))).toBe(true);
  });
});

describe('withFolderLock', () => {
  it('keeps others out while it works, and lets them in afterwards, whatever happened', () => {
    const held = withFolderLock(folder, () => readdirSync(folder));
    expect(held).toEqual(['.crpbot.lock']);
    expect(() => withFolderLock(folder, () => { throw new Error('no'); })).toThrow('no');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('takes over the lock of a process that was killed', () => {
    writeFileSync(join(folder, '.crpbot.lock'), '');
    utimesSync(join(folder, '.crpbot.lock'), new Date(0), new Date(0));
    expect(withFolderLock(folder, () => 'done')).toBe('done');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('a folder that is not there is an error', () => {
    expect(() => withFolderLock(join(folder, 'nowhere'), () => 'done')).toThrow(cannotWrite);
  });
});
