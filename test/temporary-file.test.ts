import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FOREIGN_ABANDONED_MS, removeAbandoned, temporaryName } from '../src/temporary-file.js';
import { THIS_HOST } from '../src/this-host.js';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'crpbot-temporary-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('temporaryName', () => {
  it('lies beside the file, says host and process in plain characters, and never comes twice', () => {
    const names = Array.from({ length: 1000 }, () => temporaryName(join(folder, '2024-01.parquet')));
    expect(new Set(names).size).toBe(1000);
    const name = names[0].slice(folder.length + 1);
    expect(name).toMatch(/^2024-01\.parquet\.[A-Za-z0-9-]+\.\d+\.[0-9a-f]{8}\.partial$/);
    expect(name).toContain(`.${THIS_HOST}.${process.pid}.`);
  });
});

describe('removeAbandoned', () => {
  const ended = spawnSync(process.execPath, ['--version']).pid;
  const day = FOREIGN_ABANDONED_MS;
  const beforeUs = process.uptime() * 1000 + 60_000;

  it.each<[string, string, number, boolean]>([
    ['of a process of this host that has ended', `${THIS_HOST}.${ended}.0123abcd`, 0, true],
    ['of a living process of this host', `${THIS_HOST}.${process.ppid}.0123abcd`, beforeUs, false],
    ['of ours', `${THIS_HOST}.${process.pid}.0123abcd`, 0, false],
    ['of an earlier process with our number', `${THIS_HOST}.${process.pid}.0123abcd`, beforeUs, true],
    ['of another host, whose process we cannot know', `elsewhere.${ended}.0123abcd`, 3_600_000, false],
    ['of another host, a day old', `elsewhere.${ended}.0123abcd`, day + 1000, true],
    ['that says no host', `${ended}`, 3_600_000, false],
    ['that says no host, a day old', `${ended}`, day + 1000, true],
  ])('a temporary file %s: removed', (_, owner, ageMs, removed) => {
    const name = `manifest.json.${owner}.partial`;
    writeFileSync(join(folder, name), 'half');
    const then = new Date(Date.now() - ageMs);
    utimesSync(join(folder, name), then, then);
    removeAbandoned(folder);
    expect(readdirSync(folder)).toEqual(removed ? [] : [name]);
  });

  it('touches nothing else, however old', () => {
    const names = ['2024-01.parquet', 'download.partial', 'notes.txt', 'a.1.2.3'];
    for (const name of names) writeFileSync(join(folder, name), '');
    mkdirSync(join(folder, `x.${THIS_HOST}.${ended}.0123abcd.partial`));
    for (const name of readdirSync(folder)) utimesSync(join(folder, name), 0, 0);
    removeAbandoned(folder);
    expect(readdirSync(folder)).toHaveLength(names.length + 1);
  });
});
