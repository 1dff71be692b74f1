import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWhen, projectRoot } from '../support/requirements.js';
import { jupyterMissing, jupyterPython, kernelFolder } from '../support/jupyter.js';

interface Cell {
  readonly id: string;
  readonly outputs?: readonly { readonly text?: readonly string[] | string; readonly data?: Readonly<Record<string, readonly string[] | string>> }[];
}

describeWhen(jupyterPython !== undefined, 'the notebooks before the evaluation', jupyterMissing, () => {
  const folder = mkdtempSync(join(tmpdir(), 'crpbot-data-notebooks-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Runs a notebook from nothing; what each cell printed, by its id. */
  function run(name: string): ReadonlyMap<string, string> {
    rmSync(join(projectRoot, 'results', name), { recursive: true, force: true });
    const out = join(folder, `${name}.ipynb`);
    const { status, stderr } = spawnSync(jupyterPython ?? '', [join(kernelFolder, 'run_notebook.py'), join(projectRoot, `notebooks/${name}.ipynb`), out], { encoding: 'utf8' });
    expect({ status, stderr }).toMatchObject({ status: 0 });
    const { cells } = JSON.parse(readFileSync(out, 'utf8')) as { cells: readonly Cell[] };
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

  function describeRuns(name: string, check: (printed: (id: string) => string) => void): void {
    let cells: ReadonlyMap<string, string>;
    beforeAll(() => {
      cells = run(name);
    }, 400_000);
    it(`${name} runs from top to bottom on the sample and says what it should`, () => check((id) => cells.get(id) ?? `no cell ${id}`));
  }
});
