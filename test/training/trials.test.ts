import { appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countTrials, ensureRecordable, readTrials, recordTrial, trialsFile, type Trial } from '../../src/training/trials.js';

const trial: Trial = { time: '2020-01-01T00:00:00.000Z', symbol: 'BTC-USD', model: 'lstm', parameters: { learningRate: 0.001 }, data: { training: 'a', validation: 'b' }, seed: 1, metrics: { validationLoss: 0.69 } };

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trials-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the record of trials', () => {
  it('stands beside the output folder, and counts every try of a symbol', () => {
    const file = trialsFile(join(folder, 'models', 'new'));
    expect(file).toBe(join(folder, 'models', 'trials.jsonl'));
    expect(countTrials(file)).toBe(0);
    expect(recordTrial(file, trial)).toBe(1);
    expect(recordTrial(file, { ...trial, seed: 2 })).toBe(2);
    expect(recordTrial(file, { ...trial, symbol: 'ETH-USD' })).toBe(1);
    expect(countTrials(file)).toBe(3);
    expect(countTrials(file, 'BTC-USD')).toBe(2);
    expect(readTrials(file)[0]).toEqual(trial);
  });

  it('counts the same settings and seed on the same data once, however often they are run', () => {
    const file = join(folder, 'trials.jsonl');
    recordTrial(file, trial);
    expect(recordTrial(file, { ...trial, time: '2020-02-01T00:00:00.000Z' })).toBe(1);
    expect(recordTrial(file, { ...trial, data: { training: 'c', validation: 'b' } })).toBe(2);
  });

  it('loses no other trial to a line that was torn', () => {
    const file = join(folder, 'trials.jsonl');
    recordTrial(file, trial);
    appendFileSync(file, '{"time":"2020-0');
    recordTrial(file, { ...trial, seed: 2 });
    expect(readTrials(file).map(({ seed }) => seed)).toEqual([1, 2]);
  });

  it('counts no line that is JSON and no trial', () => {
    const file = join(folder, 'trials.jsonl');
    appendFileSync(file, 'null\n5\n"BTC-USD"\n[]\n{"symbol":null}\n');
    recordTrial(file, trial);
    expect(countTrials(file, 'BTC-USD')).toBe(1);
    expect(readTrials(file)).toEqual([trial]);
  });

  it('says before hours of training that it cannot be written', () => {
    const file = join(folder, 'trials.jsonl');
    ensureRecordable(file);
    expect(existsSync(file)).toBe(false);
    mkdirSync(file);
    expect(() => ensureRecordable(file)).toThrow(expect.objectContaining({ code: 'cannot-write', place: { file } }) as Error);
  });

  it('says where it cannot be written', () => {
    expect(() => recordTrial(folder, trial)).toThrow(expect.objectContaining({ code: 'cannot-write' }) as Error);
  });
});
