import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readCandles } from '../../src/candles/read-candles.js';
import { readRecord } from '../../src/candles/simulate/simulation-record.js';
import { InputError } from '../../src/errors.js';
import { SIMULATED_SYMBOLS, simulateCandles } from '../../src/workflows/simulate.js';
import type { SimulateOptions } from '../../src/workflows/simulate.js';
import { scratchFolder } from '../tables/scratch-folder.js';

const root = scratchFolder();
let made = 0;
const newFolder = (): string => join(root, `store-${made++}`);

/** Every file below a folder with its bytes, in base64. */
function contents(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(files.map((entry) => join(entry.parentPath, entry.name)).sort().map((file) => [file.slice(folder.length), readFileSync(file).toString('base64')]));
}

async function refusal(options: SimulateOptions): Promise<InputError> {
  const error = await simulateCandles(options).then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(InputError);
  expect((error as InputError).hint).toBeTruthy();
  return error as InputError;
}

describe('simulating into the store', () => {
  test('writes candles that read back, and the truth beside them', async () => {
    const out = newFolder();
    const [btc] = await simulateCandles({ symbols: ['BTC-SIM', 'ETH-SIM'], days: 40, out });
    const candles = readCandles(join(out, 'simulated', 'BTC-SIM'));
    expect([candles.symbol, candles.time[0], candles.time.length]).toEqual(['BTC-SIM', Date.UTC(2025, 0, 6), 40 * 1440]);
    expect(readdirSync(join(out, 'simulated', 'BTC-SIM', '1m')).filter((name) => name.endsWith('.parquet'))).toEqual(['2025-01.parquet', '2025-02.parquet']);
    const record = readRecord(btc.folder);
    expect(record?.bestAccuracy.seeingTheDrift).toBeCloseTo(0.78, 6);
    expect(record?.measured).toEqual(btc.measured);
    expect(Math.abs(btc.measured.seeingTheDrift - 0.78)).toBeLessThan(0.03);
    expect(existsSync(join(out, 'simulated', 'ETH-SIM', 'simulation.json'))).toBe(true);
  });

  test('the same options give the same bytes, alone or among others, again or continued', async () => {
    const [once, twice, grown] = [newFolder(), newFolder(), newFolder()];
    await simulateCandles({ symbols: ['SOL-SIM'], days: 30, seed: 7, out: once });
    await simulateCandles({ symbols: ['SOL-SIM'], days: 30, seed: 7, out: once });
    await simulateCandles({ symbols: ['BTC-SIM', 'SOL-SIM'], days: 30, seed: 7, out: twice });
    await simulateCandles({ symbols: ['SOL-SIM'], days: 10, seed: 7, out: grown });
    await simulateCandles({ symbols: ['SOL-SIM'], days: 30, seed: 7, out: grown });
    const one = contents(join(once, 'simulated', 'SOL-SIM'));
    expect(Object.keys(one).length).toBeGreaterThan(2);
    expect(contents(join(twice, 'simulated', 'SOL-SIM'))).toEqual(one);
    const longer = contents(join(grown, 'simulated', 'SOL-SIM'));
    expect(longer['/1m/2025-02.parquet']).toBe(one['/1m/2025-02.parquet']);
    expect(readRecord(join(grown, 'simulated', 'SOL-SIM'))).toMatchObject({ to: '2025-02-05T00:00:00.000Z' });
  });

  test('a run that was stopped is completed by the same command', async () => {
    const [stopped, whole] = [newFolder(), newFolder()];
    const abort = new AbortController();
    const options = { symbols: ['BTC-SIM'], days: 70 };
    await expect(simulateCandles({ ...options, out: stopped, signal: abort.signal, onProgress: () => abort.abort() })).rejects.toThrow(/abort/i);
    expect(readRecord(join(stopped, 'simulated', 'BTC-SIM'))?.measured).toBeUndefined();
    await simulateCandles({ ...options, out: stopped });
    await simulateCandles({ ...options, out: whole });
    expect(contents(stopped)).toEqual(contents(whole));
  });

  test('by default has other symbols than the committed sample, whose models would be taken for theirs', () => {
    const committed = ['data/sample', 'models/sample'].flatMap((folder) => readdirSync(folder)).join();
    expect(committed).toContain('BTC-SIM');
    expect(SIMULATED_SYMBOLS.filter((symbol) => committed.includes(symbol))).toEqual([]);
  });

  test('another simulation in the same folder is refused before a candle is written', async () => {
    const out = newFolder();
    await simulateCandles({ symbols: ['BTC-SIM'], days: 5, out });
    const before = contents(out);
    const error = await refusal({ symbols: ['BTC-SIM'], days: 5, seed: 2, out });
    expect([error.code, error.message.includes('seed is 1, not 2')]).toEqual(['simulation-differs', true]);
    expect((await refusal({ symbols: ['BTC-SIM'], days: 4, out })).code).toBe('simulation-differs');
    expect(contents(out)).toEqual(before);
    writeFileSync(join(out, 'simulated', 'BTC-SIM', 'simulation.json'), '{"format":1');
    expect((await refusal({ symbols: ['BTC-SIM'], days: 5, out })).code).toBe('simulation-unreadable');
  });

  test.each<[string, SimulateOptions, string]>([
    ['a start between minutes', { start: '2025-01-06T00:00:30Z' }, 'simulation-option'],
    ['no start', { start: 'tomorrow' }, 'simulation-option'],
    ['no days', { days: 0 }, 'simulation-option'],
    ['a start beyond the calendar', { start: '9999-12-31', days: 1000 }, 'simulation-option'],
    ['a share of gaps that leaves nothing', { gaps: 1 }, 'simulation-option'],
    ['a negative seed', { seed: -1 }, 'simulation-option'],
    ['a signal no drift has', { signalAccuracy: 0.99 }, 'signal-out-of-reach'],
    ['no symbol', { symbols: ['../etc'] }, 'symbol-unreadable'],
  ])('%s is refused', async (_, options, code) => {
    const out = newFolder();
    expect((await refusal({ ...options, out })).code).toBe(code);
    expect(existsSync(out)).toBe(false);
  });
});
