import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWhen, projectRoot } from '../support/requirements.js';
import { jupyterMissing, jupyterPython, kernelFolder } from '../support/jupyter.js';

interface Cell {
  readonly id: string;
  readonly outputs?: readonly { readonly text?: readonly string[] | string; readonly data?: Readonly<Record<string, readonly string[] | string>> }[];
}

describeWhen(jupyterPython !== undefined, 'the notebooks before and after the evaluation', jupyterMissing, () => {
  const folder = mkdtempSync(join(tmpdir(), 'crpbot-data-notebooks-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Kinds of output by notebook and cell. */
  const shown = new Map<string, readonly string[]>();

  /** Runs a notebook from nothing; what each cell printed, by its id. */
  function run(name: string): ReadonlyMap<string, string> {
    rmSync(join(projectRoot, 'results', name), { recursive: true, force: true });
    const out = join(folder, `${name}.ipynb`);
    const { status, stderr } = spawnSync(jupyterPython ?? '', [join(kernelFolder, 'run_notebook.py'), join(projectRoot, `notebooks/${name}.ipynb`), out], { encoding: 'utf8' });
    expect({ status, stderr }).toMatchObject({ status: 0 });
    const { cells } = JSON.parse(readFileSync(out, 'utf8')) as { cells: readonly Cell[] };
    for (const { id, outputs = [] } of cells) shown.set(`${name} ${id}`, outputs.flatMap(({ data }) => Object.keys(data ?? {})));
    return new Map(cells.map(({ id, outputs = [] }) => [id, outputs.map(({ text, data }) => [text ?? data?.['text/plain'] ?? ''].flat().join('')).join('')]));
  }

  describeRuns('01_collect', (printed) => {
    expect(printed('verify')).toMatch(/BTC-SIM +1 +\d\d,\d\d\d +0/);
    expect(printed('read')).toMatch(/^1,?\d\d\d candles of BTC-SIM/);
    expect(printed('gaps')).toMatch(/ETH-SIM +\d+ +\d+/);
  });

  describeRuns('02_features', (printed) => {
    expect(printed('check')).toContain('0 defects');
    expect(printed('compute')).toMatch(/SOL-SIM +43,200 +43,101/);
    expect(printed('look-ahead')).toBe('0 columns look ahead\n');
    expect(printed('own')).toBe('my-2 sees no future\n');
    expect(printed('stream')).toMatch(/^0 values differ, \d+ bytes of state/);
  });

  describeRuns('03_train', (printed) => {
    expect(printed('engine')).toMatch(/^TensorFlow \d/);
    expect(printed('curves')).toMatch(/epoch \d of 4 kept; \d+ tr(y|ies) of ETH-SIM on record/);
    expect(printed('retrain')).toMatch(/SOL-SIM +1 +as set/);
    expect(printed('verdict')).toMatch(/BTC-SIM +PROMOTE.*\nETH-SIM +PROMOTE.*\nSOL-SIM +RETRAIN/);
  });

  describeRuns('05_compare', (printed) => {
    expect(printed('baselines')).toMatch(/logistic +0\.5\d+/);
    expect(printed('ensemble')).toMatch(/tcn_ETH_SIM_1m_\w+\.safetensors +[01]/);
    expect(printed('skill')).toMatch(/^logistic +72\.8 %.*reference[^]*^lstm \(ASSUMED\) +72\.8 %.*not told apart/m);
    expect(printed('skill')).toMatch(/^ensemble [^]*^tcn /m);
    expect(printed('costs')).toMatch(/net at 0 bps[^]*lstm +[\d,]+ .* [\d,]+ +4\.0 MB/);
    const [head, ...rows] = readFileSync(join(projectRoot, 'results/05_compare/compare.csv'), 'utf8').trim().split('\n');
    expect(head).toMatch(/^symbol,name,model,.*,log_loss_difference,.*,net_return_0bps,/);
    expect(rows.map((row) => row.split(',')[1])).toEqual(expect.arrayContaining(['logistic', 'lstm', 'ensemble', 'tcn']));
    expect(readFileSync(join(projectRoot, 'results/05_compare/compare.html'), 'utf8')).toContain('models of ETH-SIM');
  }, ['differences', 'reliability', 'coverage', 'cost-curve', 'speed']);

  describeRuns('06_research', (printed) => {
    expect(printed('caught')).toMatch(/from_centre +\d\d of 50 rows[^]*it cannot be traded/);
    expect(printed('tested')).toBe('0 columns look ahead, 0 lack values, 0 remember more than they say\n');
    expect(printed('stream')).toMatch(/^0 of 33 columns differ in 3000 rows; \d+ bytes of state/);
    expect(printed('skill')).toMatch(/^logistic v1-31 +73\.\d %.*reference/m);
    for (const set of ['steady-2', 'v1-31-steady-2']) expect(printed('gain')).toMatch(new RegExp(`^tcn ${set} against tcn v1-31: log loss -?0\\.\\d+ \\[.*\\], (better|worse|not told apart)$`, 'm'));
    expect(printed('tries').match(/T\d\d:\d\d:/g)).toHaveLength(6);
  }, ['gain']);

  /** `figures`: cells that show one, drawn by the browser and as an image. */
  function describeRuns(name: string, check: (printed: (id: string) => string) => void, figures: readonly string[] = []): void {
    describe(name, () => {
      let cells: ReadonlyMap<string, string>;
      beforeAll(() => {
        cells = run(name);
      }, 400_000);
      it('runs from top to bottom on the sample and says what it should', () => {
        check((id) => cells.get(id) ?? `no cell ${id}`);
        for (const id of figures) expect({ id, kinds: shown.get(`${name} ${id}`) }).toMatchObject({ kinds: expect.arrayContaining(['application/vnd.plotly.v1+json', 'image/svg+xml']) as string[] });
      });
    });
  }
});
