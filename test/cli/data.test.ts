import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readCandles } from '../../src/candles/read-candles.js';
import { simulateCandles } from '../../src/workflows/simulate.js';
import { plant } from '../candles/quality/planted.js';
import { plainCsv } from '../candles/some-candles.js';
import { projectRoot } from '../support/requirements.js';
import { scratchFolder } from '../tables/scratch-folder.js';

const scratch = scratchFolder();
const clean = join(scratch, 'clean');
const damaged = join(scratch, 'damaged');
const twice = join(scratch, 'twice');
const page = join(scratch, 'page.html');

/** A simulated day and what a test plants in it, as another exchange's file. */
beforeAll(async () => {
  await simulateCandles({ symbols: ['BTC-SIM'], days: 3, out: clean });
  const candles = readCandles(clean);
  const write = (folder: string, planted: typeof candles): void => {
    const file = join(folder, 'coinbase/BTC-SIM/BTC-SIM_1m.csv');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, plainCsv(planted));
  };
  const print = plant['bad print'](candles, 1_000, 0, 0.2).candles;
  write(damaged, plant.gap(plant['duplicate, same values'](print, 2_000, 5, 0).candles, 500, 90, 0).candles);
  write(twice, plant['duplicate, different values'](candles, 2_000, 5, 0).candles);
});

function crpbot(...args: string[]) {
  return spawnSync(process.execPath, [join(projectRoot, 'bin/crpbot.js'), 'data', ...args], { encoding: 'utf8', cwd: projectRoot });
}

describe('crpbot data check', () => {
  it('says of each kind how many, how long, where and with what values; defects alone are no failure', () => {
    const { status, stdout, stderr } = crpbot('check', damaged, '--html', page);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^BTC-SIM coinbase {2}4,235 rows {2}2025-01-06 00:00 UTC to 2025-01-08 23:59 UTC/);
    expect(stdout).toMatch(/DEFECT {2}duplicate minutes, same values +1 +5 min +5 min +2025-01-07 09:20 UTC/);
    expect(stdout).toMatch(/DEFECT {2}bad prints: spikes that come back +1 +1 min +1 min +2025-01-06 16:40 UTC +close [\d.]+ -> [\d.]+ -> [\d.]+/);
    expect(stdout).toMatch(/notice {2}gaps +1 +90 min +90 min +2025-01-06 08:20 UTC +90 minutes without a candle/);
    expect(stdout).toMatch(/\d defects, 1 notices\. Nothing was changed\.\n$/);
    expect(stderr).toContain(`page: ${page}`);
  });

  it('has written a page with a day of each, which fetches nothing and runs no script', () => {
    const html = readFileSync(page, 'utf8');
    expect(html).toContain('2025-01-06: 93.75&nbsp;%, 90 of 1,440 minutes missing');
    expect(html).toContain('2025-01-07: 100.00&nbsp;%, all 1,440 minutes');
    expect(html).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
  });

  it('--json prints every finding, and nothing else', () => {
    const { status, stdout } = crpbot('check', damaged, '--html', page, '--json');
    expect(status).toBe(0);
    const { defects, notices, series } = JSON.parse(stdout) as { defects: number; notices: number; series: { findings: { kind: string; severity: string; from: string; minutes: number }[] }[] };
    const findings = series[0]?.findings ?? [];
    expect(findings.filter(({ severity }) => severity === 'defect')).toHaveLength(defects);
    expect(findings).toContainEqual(expect.objectContaining({ kind: 'bad-print', severity: 'defect', from: '2025-01-06T16:40:00Z', minutes: 1 }));
    expect(findings.filter(({ kind }) => kind === 'gap')).toHaveLength(notices);
  });

  it('--strict exits with 3 when there are defects, with 0 when there are none', () => {
    expect(crpbot('check', damaged, '--html', page, '--strict').status).toBe(3);
    const right = crpbot('check', clean, '--html', page, '--strict');
    expect([right.status, right.stdout]).toEqual([0, expect.stringContaining('0 defects, 0 notices')]);
  });

  it('a file that cannot be read is named, and the exit status is 2 whatever is asked for', () => {
    const broken = join(scratch, 'broken');
    mkdirSync(broken);
    writeFileSync(join(broken, 'BTC-SIM_1m_a.csv'), readFileSync(join(damaged, 'coinbase/BTC-SIM/BTC-SIM_1m.csv')));
    writeFileSync(join(broken, 'BTC-SIM_1m_b.parquet'), 'PAR1');
    const { status, stdout } = crpbot('check', broken, '--html', page, '--strict');
    expect([status, stdout]).toEqual([2, expect.stringMatching(/cannot be read: .*BTC-SIM_1m_b\.parquet/)]);
    expect(stdout).toContain('bad prints');
  });

  it('a folder that is not there is told under --json too, and no page is written', () => {
    const { status, stdout } = crpbot('check', join(scratch, 'nowhere'), '--html', join(scratch, 'none.html'), '--json');
    expect([status, JSON.parse(stdout)]).toEqual([2, { error: expect.objectContaining({ code: 'path-missing' }) as unknown }]);
    expect(existsSync(join(scratch, 'none.html'))).toBe(false);
  });
});

describe('crpbot data repair', () => {
  const out = join(scratch, 'repaired');

  it('without --out says what it would do, and writes nothing', () => {
    const before = readdirSync(scratch, { recursive: true }).length;
    const { status, stdout, stderr } = crpbot('repair', damaged);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^BTC-SIM coinbase {2}4,235 rows, 4,229 after {2}6 rows dropped, .*duplicate-same 5, bad-print 1\)\n$/);
    expect(stderr).toContain('nothing was written: name a folder with --out DIR');
    expect(readdirSync(scratch, { recursive: true })).toHaveLength(before);
  });

  it('with --out writes a store that checks without a defect, and check and verify say what was done', () => {
    expect(crpbot('repair', damaged, '--out', out).status).toBe(0);
    const checked = crpbot('check', out, '--html', page, '--strict');
    expect(checked.status).toBe(0);
    expect(checked.stdout).toContain('repaired before: 6 rows dropped');
    expect(readFileSync(page, 'utf8')).toContain('Repaired before: 6 rows dropped');
    expect(crpbot('verify', out).stdout).toMatch(/all parts are as written\n {2}repaired: 6 rows dropped/);
    const [report] = JSON.parse(crpbot('verify', out, '--json').stdout) as { repairs: { dropped: number } }[];
    expect(report?.repairs.dropped).toBe(6);
  });

  it('--apply and --fill-gaps decide what is done, --json prints the record', () => {
    const { stdout } = crpbot('repair', damaged, '--apply', 'out-of-order,duplicate-same', '--fill-gaps', '90', '--json');
    const [{ summary, record }] = JSON.parse(stdout) as [{ summary: object; record: { remaining: object[]; repairs: object[] } }];
    expect(summary).toMatchObject({ dropped: 5, filled: 90, kinds: { 'duplicate-same': 5, gap: 90 } });
    expect(record.remaining).toContainEqual(expect.objectContaining({ kind: 'bad-print' }));
    expect(record.repairs.at(-1)).toMatchObject({ action: 'filled', from: Date.UTC(2025, 0, 6, 8, 20), rows: 90 });
  });

  it('what is not certain exits with 2 and is named, until both candles are given up', () => {
    const plan = crpbot('repair', twice);
    expect([plan.status, plan.stdout]).toEqual([2, expect.stringContaining('undecided: duplicate minutes, different values, 2025-01-07 09:20 UTC')]);
    const refused = crpbot('repair', twice, '--out', join(scratch, 'undecided'));
    expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining('hint: --apply certain,duplicate-different')]);
    expect(crpbot('repair', twice, '--out', join(scratch, 'decided'), '--apply', 'certain,duplicate-different').status).toBe(0);
  });

  it.each([
    ['a kind it does not know', ['--apply', 'everything'], 'It must be certain, none, or of off-minute'],
    ['a gap as a kind', ['--apply', 'gap'], '--fill-gaps MINUTES'],
    ['a shift without a unit', ['--shift', '60'], '-60m, 30s or 1h'],
  ])('%s is refused and named', (_, args, named) => {
    const { status, stderr } = crpbot('repair', damaged, ...args);
    expect([status, stderr]).toEqual([2, expect.stringContaining(named)]);
  });
});
