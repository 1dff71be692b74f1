import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { plotlySource } from '../../src/report/html/plotly-source.js';
import { prepareResults, writeResults } from '../../src/report/write-results.js';
import { aRun } from '../support/run-result.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crpbot-results-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const text = (name: string) => readFileSync(join(folder, name), 'utf8');
const rows = (name: string) => parse<Record<string, string>>(text(name), { columns: true });
const resultNames = ['evaluation_results.csv', 'evaluation_results.json', 'history.csv', 'report.html'];

describe('writeResults', () => {
  it('writes the four files and says where they are', () => {
    const files = writeResults(folder, aRun());
    expect(readdirSync(folder).sort()).toEqual(resultNames);
    expect(Object.values(files).sort()).toEqual(resultNames.map((name) => join(folder, name)));
  });

  it('replaces the results of the run before, and adds to the history', () => {
    writeResults(folder, aRun());
    writeResults(folder, aRun({ models: aRun().models.slice(0, 1) }));
    expect(rows('evaluation_results.csv')).toHaveLength(1);
    expect(rows('history.csv')).toHaveLength(4);
  });

  it('keeps a history of other columns under another name, byte for byte', () => {
    const old = Buffer.from('when,what\n2024-01-01,caf\xe9\n', 'latin1');
    writeFileSync(join(folder, 'history.csv'), old);
    const { historySetAside } = writeResults(folder, aRun());
    expect(historySetAside).toBe(join(folder, 'history-before-20250607T093012Z.csv'));
    expect(readFileSync(historySetAside ?? '')).toEqual(old);
    expect(rows('history.csv')).toHaveLength(3);
  });

  it('leaves every old file as it was when one cannot be written', () => {
    writeResults(folder, aRun());
    const before = resultNames.map(text);
    rmSync(join(folder, 'report.html'));
    mkdirSync(join(folder, 'report.html'));
    expect(() => writeResults(folder, aRun({ models: [] }))).toThrow(expect.objectContaining({ code: 'cannot-write' }));
    rmSync(join(folder, 'report.html'), { recursive: true });
    expect(resultNames.slice(0, 3).map(text)).toEqual(before.slice(0, 3));
    expect(readdirSync(folder).sort()).toEqual(resultNames.slice(0, 3));
  });

  it('says so when the history cannot be read, and writes nothing', () => {
    mkdirSync(join(folder, 'history.csv'));
    expect(() => writeResults(folder, aRun())).toThrow(expect.objectContaining({ code: 'cannot-read' }));
    expect(readdirSync(folder)).toEqual(['history.csv']);
  });

  it('leaves whole files when it is killed in the middle', async () => {
    for (const milliseconds of [0, 23, 61, 150, 240]) {
      const writer = spawn(process.execPath, ['bin/tsx.js', 'test/support/write-results-forever.ts', folder], { stdio: ['ignore', 'pipe', 'inherit'] });
      await once(writer.stdout, 'data');
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      writer.kill('SIGKILL');
      await once(writer, 'close');
      const whole = readdirSync(folder).filter((name) => !name.endsWith('.partial'));
      if (whole.includes('evaluation_results.csv')) expect(rows('evaluation_results.csv')).toHaveLength(3);
      if (whole.includes('evaluation_results.json')) expect(JSON.parse(text('evaluation_results.json'))).toHaveProperty('models.length', 3);
      if (whole.includes('report.html')) expect(text('report.html').endsWith('</html>\n')).toBe(true);
      if (whole.includes('history.csv')) expect(rows('history.csv').length % 3).toBe(0);
    }
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(resultNames));
  });
});

describe('prepareResults', () => {
  it('finds out before the work that the results could not be written', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => prepareResults(join(folder, 'file'))).toThrow(expect.objectContaining({ code: 'cannot-write' }));
    expect(() => prepareResults(join(folder, 'results'))).not.toThrow();
  });
});

describe('plotlySource', () => {
  it('says what to install where plotly is missing', () => {
    expect(() => plotlySource(folder)).toThrow(expect.objectContaining({ code: 'plotly-missing', hint: 'run npm ci in the project folder' }));
  });
});
