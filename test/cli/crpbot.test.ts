import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readParquet, writeParquet } from '../../src/tables/parquet.js';
import { fixtures, projectRoot } from '../support/requirements.js';

const bin = join(projectRoot, 'bin/crpbot.js');
const scratch = mkdtempSync(join(tmpdir(), 'crpbot-cli-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function crpbot(...args: string[]) {
  return spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', cwd: projectRoot });
}

const model = join(projectRoot, 'models/sample/lstm_ETH-SIM_1m_demo.pt');
const candles = join(scratch, 'ETH-SIM_1m.parquet');
const table = readParquet(join(projectRoot, 'data/sample/ETH-SIM_1m_2025-01-06_2025-02-04.parquet'));
writeParquet(candles, table.names.map((name) => [name, table.column(name).slice(0, 9000)] as const), { timeColumn: 'timestamp' });

describe('crpbot evaluate', () => {
  it('prints what it evaluates, a table, a verdict a model and where the results are', () => {
    const out = join(scratch, 'plain');
    const { status, stdout } = crpbot('evaluate', '--models', model, '--candles', candles, '--out', out);
    expect(status).toBe(0);
    expect(stdout.split('\n')[0]).toMatch(/^Evaluating 1 model of ETH-SIM: /);
    expect(stdout).toMatch(/ETH-SIM {2}(PROMOTE|RETRAIN|SUSPECT) {2}accuracy/);
    expect(stdout).toContain('ASSUMED');
    expect(stdout).toContain(join(out, 'evaluation_results.csv'));
  });

  it('--json prints the results and nothing else', () => {
    const { status, stdout } = crpbot('evaluate', '--models', model, '--candles', candles, '--out', join(scratch, 'json'), '--json');
    expect(status).toBe(0);
    const results = JSON.parse(stdout) as { models: { symbol: string }[] };
    expect(results.models[0].symbol).toBe('ETH-SIM');
  });

  it('--check exits with 3 when a gate failed, and with 0 without it', () => {
    const args = ['evaluate', '--models', model, '--candles', candles, '--accuracy-gate', '0.99', '--out', join(scratch, 'check')];
    expect(crpbot(...args).status).toBe(0);
    expect(crpbot(...args, '--check').status).toBe(3);
  });

  it('input that is wrong exits with 2 and says what, where and what to do', () => {
    const file = join(scratch, 'lstm_ETH-SIM_1m_bad.pt');
    copyFileSync(join(fixtures, 'checkpoints/bad_missing_weight.pt'), file);
    const out = join(scratch, 'bad');
    const { status, stderr } = crpbot('evaluate', '--models', file, '--candles', candles, '--out', out);
    expect(status).toBe(2);
    expect(stderr).toContain('lstm.weight_hh_l1');
    expect(stderr).toMatch(/hint: /);
    expect(stderr).not.toMatch(/\n\s+at .*\.(ts|js):\d+/);
    expect(existsSync(out) ? readdirSync(out) : []).toEqual([]);
  });

  it('an error under --json is JSON too', () => {
    const { status, stdout } = crpbot('evaluate', '--models', 'nowhere', '--candles', candles, '--json');
    expect(status).toBe(2);
    expect((JSON.parse(stdout) as { error: { code: string } }).error.code).toBe('path-missing');
  });

  it.each([
    ['an empty shell variable before another option', ['--models', '--candles', candles], '--candles'],
    ['an empty path', ['--models', '', '--candles', candles], 'It is empty'],
    ['a batch that would need gigabytes', ['--models', model, '--candles', candles, '--batch', '100000'], 'from 1 to 8192'],
  ])('%s is named, and under --json too', (_, args, named) => {
    const { status, stderr, stdout } = crpbot('evaluate', ...args, '--json');
    expect(status).toBe(2);
    expect(stderr).toContain(named);
    expect((JSON.parse(stdout) as { error: { code: string; message: string } }).error).toMatchObject({ code: 'usage', message: expect.stringContaining(named) as string });
  });

  it('a reader that goes away does not stop it from writing the results', async () => {
    const out = join(scratch, 'no-reader');
    const child = spawn(process.execPath, [bin, 'evaluate', '--models', model, '--candles', candles, '--out', out], { cwd: projectRoot, stdio: ['ignore', 'pipe', 'ignore'] });
    child.stdout.destroy();
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0);
    expect(readdirSync(out)).toContain('evaluation_results.csv');
  });

  it('Ctrl-C twice ends it at once, without a crash', async () => {
    const out = join(scratch, 'interrupted-twice');
    const child = spawn(process.execPath, [bin, 'evaluate', '--out', out], { cwd: projectRoot, stdio: ['ignore', 'pipe', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const ended = new Promise((resolve) => child.once('exit', (status, signal) => resolve(signal ?? status)));
    child.kill('SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 2));
    child.kill('SIGINT');
    expect(['SIGINT', 1]).toContain(await ended);
    expect(stderr).not.toContain('terminate called');
    expect(readdirSync(out)).toEqual([]);
  });

  it('Ctrl-C stops it within a moment and leaves no result', async () => {
    const out = join(scratch, 'interrupted');
    const child = spawn(process.execPath, [bin, 'evaluate', '--out', out], { cwd: projectRoot, stdio: ['ignore', 'pipe', 'pipe'] });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    await new Promise((resolve) => setTimeout(resolve, 1500));
    child.kill('SIGINT');
    const interrupted = performance.now();
    let stderr = '';
    child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
    const status = await new Promise((resolve) => child.once('exit', resolve));
    expect(status).toBe(1);
    expect(stderr).toContain('stopped before the end');
    expect(performance.now() - interrupted).toBeLessThan(5000);
    expect(readdirSync(out)).toEqual([]);
  });
});

describe('usage', () => {
  const wrong: readonly (readonly string[])[] = [
    [],
    ['nonsense'],
    ['evaluate', '--nonsense'],
    ['evaluate', '--split', 'train'],
    ['evaluate', '--batch', '0'],
    ['evaluate', '--embargo', '1.5'],
    ['evaluate', '--accuracy-gate', '68'],
    ['features'],
    ['convert', 'model.pt', '--to', 'keras'],
    ['train', '--model', 'tcn,forest'],
    ['train', '--seeds', '1,2,x'],
    ['train', '--folds', '1'],
    ['train', '--formats', 'keras'],
    ['retrain', '--models', 'forest'],
  ];
  for (const args of wrong) {
    it(`crpbot ${args.join(' ')} exits with 2`, () => {
      expect(crpbot(...args).status).toBe(2);
    });
  }

  it('crpbot evaluate --help says where models and data are looked for', () => {
    const help = crpbot('evaluate', '--help').stdout.replace(/\s+/g, ' ');
    for (const folder of ['models/new', 'data/features', 'data/candles']) expect(help).toContain(`(default: ${folder}`);
  });

  for (const args of [['--help'], ['evaluate', '--help'], ['features', '--help'], ['convert', '--help'], ['setup', '--help'], ['--version']]) {
    it(`crpbot ${args.join(' ')} exits with 0`, () => {
      const { status, stdout } = crpbot(...args);
      expect(status).toBe(0);
      expect(stdout.length).toBeGreaterThan(4);
    });
  }
});

describe('crpbot features and convert', () => {
  it('features writes a file a symbol with its record beside it', () => {
    const out = join(scratch, 'features');
    const { status, stdout } = crpbot('features', '--candles', candles, '--out', out);
    expect(status).toBe(0);
    expect(stdout).toMatch(/ETH-SIM {2}v2-50 causal {2}9000 rows, 8901 complete/);
    const names = readdirSync(out).sort();
    expect(names).toHaveLength(2);
    expect(JSON.parse(readFileSync(join(out, names[0]), 'utf8'))).toMatchObject({ featureSet: 'v2-50', alignment: 'causal' });
  });

  it('features prints what was finished, then the error of the symbol that failed', () => {
    const short = join(scratch, 'BTC-SIM_1m.parquet');
    writeParquet(short, table.names.map((name) => [name, table.column(name).slice(0, 50)] as const), { timeColumn: 'timestamp' });
    const { status, stdout, stderr } = crpbot('features', '--candles', candles, short, '--out', join(scratch, 'partial'));
    expect(status).toBe(2);
    expect(stdout).toMatch(/^ETH-SIM {2}v2-50 causal {2}9000 rows/);
    expect(stderr).toMatch(/error: BTC-SIM: .*50 candles, too few/);
  });

  it('convert and evaluate take a feature set of one’s own by its file', () => {
    const own = join(scratch, 'own.mjs');
    const columns = JSON.stringify(Array.from({ length: 50 }, (_, index) => `return_${index}`));
    writeFileSync(own, `const columns = ${columns}; export default { set: { name: 'own-50', alignment: 'causal', columns, warmupRows: 50, leaky: false }, contextRows: 50, *compute({ close }) { for (const [rows, name] of columns.entries()) yield [name, close.map((price, t) => Math.log(price / close[t - rows - 1]))]; } };`);
    const out = join(scratch, 'own', 'lstm_ETH-SIM_1m_own.safetensors');
    expect(crpbot('convert', model, '--to', 'safetensors', '--out', out, '--feature-set', own, '--alignment', 'causal').status).toBe(0);
    const evaluated = crpbot('evaluate', '--models', out, '--candles', candles, '--feature-set', own, '--out', join(scratch, 'own-results'), '--json');
    expect((JSON.parse(evaluated.stdout) as { models: { featureSet: string }[] }).models[0].featureSet).toBe('own-50');
    const without = crpbot('evaluate', '--models', out, '--candles', candles, '--out', join(scratch, 'own-results'));
    expect([without.status, without.stderr]).toEqual([2, expect.stringContaining('--feature-set ./my-features.ts')]);
  });

  it('convert says what it was not told', () => {
    const out = join(scratch, 'lstm_ETH-SIM_1m_demo.safetensors');
    const { status, stdout, stderr } = crpbot('convert', model, '--to', 'safetensors', '--out', out, '--feature-set', 'v2-50', '--alignment', 'causal');
    expect(status).toBe(0);
    expect(stdout).toContain('lstm, 50 inputs, hidden 128, head final-hidden, 3 layers');
    expect(stderr.trim().split('\n')).toEqual([
      'not told, so not in the file: --window-length',
      'not told, so not in the file: --window-mode',
      'not told, so not in the file: --horizon',
      'not in the model and not told by any option: scaler; an evaluation fits one on the training rows of its data',
    ]);
    expect(readFileSync(out).subarray(8, 9).toString()).toBe('{');
    const again = crpbot('convert', model, '--to', 'safetensors', '--out', out, '--feature-set', 'v2-50', '--alignment', 'causal');
    expect(again.stderr).toContain(`note: ${out} was there before, and was replaced`);
  });
});

describe('crpbot train', () => {
  it('says before it trains folds that their table cannot be written', () => {
    const { status, stdout, stderr } = crpbot('train', '--model', 'tcn', '--folds', '2', '--candles', candles, '--out', join(scratch, 'folds', 'new'), '--results', candles);
    expect(status).toBe(2);
    expect(stderr).toContain(`cannot write ${candles}`);
    expect(stdout).not.toContain('Training');
  });
});
