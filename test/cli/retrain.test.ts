import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readParquet, writeParquet } from '../../src/tables/parquet.js';
import { countTrials, readTrials } from '../../src/training/trials.js';
import { describeWithTensorFlow, projectRoot } from '../support/requirements.js';

const scratch = mkdtempSync(join(tmpdir(), 'crpbot-retrain-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const candles = join(scratch, 'SOL-SIM_1m.parquet');
const table = readParquet(join(projectRoot, 'data/sample/SOL-SIM_1m_2025-01-06_2025-02-04.parquet'));
writeParquet(candles, table.names.map((name) => [name, table.column(name).slice(0, 9000)] as const), { timeColumn: 'timestamp' });

/** Three tries of a gate that none can pass. */
function retrain(name: string) {
  const out = join(scratch, name, 'new');
  const child = spawn(process.execPath, [join(projectRoot, 'bin/crpbot.js'), 'retrain', '--candles', candles, '--models', 'tcn', '--tries', '3', '--batch', '8', '--epochs', '4', '--accuracy-gate', '1', '--out', out, '--results', join(scratch, name, 'results')], { cwd: projectRoot, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { out: '', err: '' };
  child.stdout.on('data', (text: Buffer) => (said.out += text.toString()));
  child.stderr.on('data', (text: Buffer) => (said.err += text.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { out, child, said, ended };
}

const models = (folder: string) => readdirSync(folder).filter((file) => file.endsWith('.safetensors')).map((file) => [file, readFileSync(join(folder, file)).toString('base64')]);
const tries = (text: string) => text.split('\n').filter((line) => line.includes('  try '));
/** A file anywhere below. */
const holds = (folder: string, file: string) => existsSync(folder) && readdirSync(folder, { recursive: true, encoding: 'utf8' }).some((name) => name.endsWith(file));

describeWithTensorFlow('a search that is interrupted', () => {
  it('says what was tried and keeps it; the same command goes on, to what an undisturbed one finds', async () => {
    const first = retrain('stopped');
    await expect.poll(() => first.said.out + first.said.err, { timeout: 60_000 }).toMatch(/try 1:|error:/);
    // Within the second try, once an epoch of it is kept.
    await expect.poll(() => holds(join(first.out, '.tries-SOL-SIM'), 'state.safetensors'), { timeout: 60_000, interval: 5 }).toBe(true);
    first.child.kill('SIGINT');
    expect(await first.ended).toBe(1);
    const best = /SOL-SIM {2}1 try was finished; the best so far is try 1: validation accuracy .*: (.*\.safetensors)/.exec(first.said.err)?.[1];
    expect(existsSync(best!)).toBe(true);
    expect(first.said.err).toContain('the same command goes on from here');
    expect(readdirSync(first.out)).toEqual(['.tries-SOL-SIM']);
    expect(existsSync(join(scratch, 'stopped', 'results', 'evaluation_results.csv'))).toBe(false);
    const record = join(scratch, 'stopped', 'trials.jsonl');
    expect(countTrials(record)).toBe(1);

    const second = retrain('stopped');
    expect([await second.ended, second.said.err.includes('error:')]).toEqual([0, false]);
    expect(second.said.err).toContain('1 try of an interrupted search');
    expect(tries(second.said.out)[0]).toBe(tries(first.said.out)[0]);
    // Each once: the first try was not trained again.
    expect(readTrials(record)).toHaveLength(3);
    expect(readdirSync(second.out).filter((name) => name.startsWith('.'))).toEqual([]);

    const undisturbed = retrain('undisturbed');
    expect(await undisturbed.ended).toBe(0);
    const withoutTimes = (text: string) => tries(text).map((line) => line.replace(/, \d+ s:/, '').replace(/ as \S+/, ''));
    expect(withoutTimes(second.said.out)).toEqual(withoutTimes(undisturbed.said.out));
    expect(models(second.out)).toEqual(models(undisturbed.out));
  }, 240_000);
});
