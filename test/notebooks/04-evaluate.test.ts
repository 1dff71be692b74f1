import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWhen, projectRoot } from '../support/requirements.js';
import { jupyterMissing, jupyterPython, kernelFolder } from '../support/jupyter.js';

interface Cell {
  readonly id: string;
  readonly cell_type: string;
  readonly source: readonly string[] | string;
  readonly outputs: readonly { readonly output_type: string; readonly text?: readonly string[] | string; readonly data?: Readonly<Record<string, unknown>> }[];
  readonly execution_count: number | null;
}

const readNotebook = (file: string): readonly Cell[] => (JSON.parse(readFileSync(file, 'utf8')) as { cells: readonly Cell[] }).cells;
const text = (lines: readonly string[] | string | undefined): string => [lines ?? ''].flat().join('');

describe('the committed notebooks', () => {
  const folder = join(projectRoot, 'notebooks');
  const notebooks = readdirSync(folder).filter((name) => name.endsWith('.ipynb'));

  it.each(notebooks)('%s holds no outputs, has a fixed id for each cell, and short cells', (name) => {
    const cells = readNotebook(join(folder, name));
    for (const cell of cells.filter(({ cell_type }) => cell_type === 'code')) {
      expect(cell).toMatchObject({ outputs: [], execution_count: null });
      expect(text(cell.source).split('\n').length).toBeLessThanOrEqual(20);
    }
    const ids = cells.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => /^[a-z][a-z-]+$/.test(id))).toBe(true);
  });
});

describeWhen(jupyterPython !== undefined, 'notebooks/04_evaluate.ipynb on the sample', jupyterMissing, () => {
  const folder = mkdtempSync(join(tmpdir(), 'crpbot-04-'));
  const results = join(projectRoot, 'results/04_evaluate');
  let cells: readonly Cell[];
  const cell = (id: string): Cell => {
    const found = cells.find((each) => each.id === id);
    if (found === undefined) throw new Error(`no cell ${id}`);
    return found;
  };
  const printed = (id: string): string => cell(id).outputs.map((output) => text(output.text) + text(output.data?.['text/plain'] as string)).join('');

  beforeAll(() => {
    rmSync(results, { recursive: true, force: true });
    const out = join(folder, 'ran.ipynb');
    const { status, stderr } = spawnSync(jupyterPython ?? '', [join(kernelFolder, 'run_notebook.py'), join(projectRoot, 'notebooks/04_evaluate.ipynb'), out], { encoding: 'utf8' });
    expect({ status, stderr }).toMatchObject({ status: 0 });
    cells = readNotebook(out);
  }, 180_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  it('writes the results of every model', () => {
    const lines = readFileSync(join(results, 'evaluation_results.csv'), 'utf8').trim().split('\n');
    expect(lines.length).toBe(4);
    expect(lines[0]).toMatch(/^symbol,accuracy,precision,recall,f1,calibration_error,num_samples/);
    for (const file of ['evaluation_results.json', 'report.html']) expect(existsSync(join(results, file))).toBe(true);
  });

  it.each(['reliability', 'coverage', 'confusion', 'equity', 'overview'])('shows the figure of cell %s, interactive and as an image', (id) => {
    const data = cell(id).outputs[0]?.data ?? {};
    expect((data['application/vnd.plotly.v1+json'] as { data: unknown[] }).data.length).toBeGreaterThan(0);
    expect(text(data['image/svg+xml'] as string)).toMatch(/^<svg [^>]*>.*<\/svg>$/s);
  });

  it('says step by step what the whole workflow says of the same model', () => {
    const json = JSON.parse(readFileSync(join(results, 'evaluation_results.json'), 'utf8')) as {
      models: { symbol: string; gate: { verdict: string }; evaluation: { windows: number; classification: { accuracy: number } } }[];
    };
    const model = json.models.find(({ symbol }) => symbol === 'ETH-SIM');
    expect(printed('gate').split('\n')[0]).toBe(model?.gate.verdict);
    expect(printed('evaluate')).toContain(`${((model?.evaluation.classification.accuracy ?? 0) * 100).toFixed(1)} %`);
    expect(printed('windows')).toContain(model?.evaluation.windows.toLocaleString('en-US'));
  });

  it('leaves one line of progress, not thousands', () => {
    expect(cell('score').outputs.length).toBe(2);
    expect(printed('score')).toMatch(/100 %, [\d,.]+ windows\/s/);
  });

  it('stays small: plotly.js is not in it', () => {
    expect(JSON.stringify(cells).length).toBeLessThan(1_500_000);
  });
});
