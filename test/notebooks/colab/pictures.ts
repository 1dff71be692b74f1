/**
 * Makes the pictures of COLAB_EVALUATION.md: runs the Colab form of 04_evaluate as its test does, and photographs cells of it
 * in Chromium. `node bin/tsx.js test/notebooks/colab/pictures.ts [RAN.json]`; RAN.json keeps what ran, and is used where it is there.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cellText, type Notebook } from '../../../src/workflows/colab/notebook-file.js';
import { writeColabNotebooks } from '../../../src/workflows/colab.js';
import { withPage } from '../../support/chromium.js';
import { openColabMachine, type RanCell } from '../../support/colab.js';
import { jupyterPython } from '../../support/jupyter.js';
import { projectRoot } from '../../support/requirements.js';

/** File names in docs/pictures, and the cells each shows. */
const PICTURES: Readonly<Record<string, readonly string[]>> = {
  'colab-set-up': ['title', 'colab-how-to', 'colab-project', 'colab-set-up'],
  'colab-input': ['colab-input', 'settings', 'colab-settings', 'plan'],
  'colab-figure': ['reliability-text', 'reliability'],
  'colab-verdicts': ['verdicts', 'overview', 'colab-download'],
  'colab-message': ['half-uploaded'],
};
const WIDTH = 980;
const MOST_BYTES = 250_000;

interface Shown {
  readonly id: string;
  readonly kind: 'markdown' | 'code';
  readonly source: string;
  readonly outputs: RanCell['outputs'];
}

async function main(kept: string | undefined): Promise<void> {
  if (jupyterPython === undefined) throw new Error('Jupyter is not installed: npx crpbot setup jupyter');
  const folder = mkdtempSync(join(tmpdir(), 'crpbot-pictures-'));
  try {
    const cells = kept !== undefined && existsSync(kept) ? (JSON.parse(readFileSync(kept, 'utf8')) as readonly Shown[]) : await runNotebook(folder, jupyterPython);
    if (kept !== undefined) writeFileSync(kept, JSON.stringify(cells));
    for (const [name, ids] of Object.entries(PICTURES)) {
      const picture = await photograph(folder, jupyterPython, ids.map((id) => cells.find((cell) => cell.id === id)).filter((cell) => cell !== undefined));
      if (picture.length > MOST_BYTES) throw new Error(`${name} has ${picture.length} bytes, above ${MOST_BYTES}`);
      writeFileSync(join(projectRoot, `docs/pictures/${name}.png`), picture);
      process.stdout.write(`${name}.png ${picture.length} bytes\n`);
    }
  } finally {
    rmSync(folder, { recursive: true, maxRetries: 5 });
  }
}

/** All cells with what they showed, and one with half a model. */
async function runNotebook(folder: string, python: string): Promise<readonly Shown[]> {
  writeColabNotebooks({ projectRoot, out: join(folder, 'notebooks') });
  const file = join(folder, 'notebooks/04_evaluate.ipynb');
  const machine = openColabMachine(folder, file, python);
  const ran = await machine.runAll();
  const failed = ran.find((cell) => cell.failed);
  if (failed !== undefined) throw new Error(`cell ${failed.id} failed: ${JSON.stringify(failed.outputs)}`);
  writeFileSync(join(machine.content, 'lstm_BTC_USD_1m_a7aff5c4.pt'), readFileSync(join(projectRoot, 'models/colab-sample/lstm_ETH-SIM_1m_small.pt')).subarray(0, 20_000));
  const half = await machine.run('INPUT = "upload"\ninputs.upload()');
  await machine.close();
  const { cells } = JSON.parse(readFileSync(file, 'utf8')) as Notebook;
  return [
    ...cells.map((cell): Shown => ({ id: cell.id, kind: cell.cell_type, source: cellText(cell), outputs: ran.find(({ id }) => id === cell.id)?.outputs ?? [] })),
    { id: 'half-uploaded', kind: 'code', source: '#@title 2. Models and data: the sample, or your own\nINPUT = "upload" #@param ["sample", "upload", "drive", "s3", "collect"]', outputs: half.outputs },
  ];
}

async function photograph(folder: string, python: string, cells: readonly Shown[]): Promise<Buffer> {
  // The machine's folder is called as on Colab.
  const asOnColab = (output: object): object => JSON.parse(JSON.stringify(output).replace(/(?:\/[\w.-]+)+\/crpbot-pictures-\w+\/content/g, '/content')) as object;
  const notebook = {
    nbformat: 4, nbformat_minor: 5, metadata: { kernelspec: { name: 'python3', display_name: 'Python 3' }, language_info: { name: 'python' } },
    cells: cells.map(({ id, kind, source, outputs }) =>
      kind === 'markdown' ? { cell_type: kind, id, metadata: {}, source } : { cell_type: kind, id, metadata: {}, source: asForm(source), execution_count: null, outputs: outputs.map((output) => asOnColab(framed(output))) }),
  };
  const [given, html] = [join(folder, 'picture.ipynb'), join(folder, 'picture.html')];
  writeFileSync(given, JSON.stringify(notebook));
  execFileSync(python, ['-m', 'nbconvert', '--to', 'html', '--template', 'lab', '--no-prompt', '--log-level', 'ERROR', given], { stdio: ['ignore', 'ignore', 'inherit'] });
  // Mathematics and widgets from the web, which nothing here uses.
  writeFileSync(html, readFileSync(html, 'utf8').replace(/<script src="https:[^"]*"[^>]*><\/script>/g, ''));
  const url = pathToFileURL(html).href;
  const settle = 'new Promise((resolve) => setTimeout(() => resolve(Math.ceil(document.querySelector("main, body > div, body").getBoundingClientRect().height)), 4000))';
  const height = await withPage(url, { width: WIDTH, height: 200 }, (page) => page.evaluate(settle));
  return withPage(url, { width: WIDTH, height: Math.max(120, height as number) }, async (page) => {
    await page.evaluate(settle);
    return page.screenshot();
  });
}

/** Colab hides the code of a form; its title and fields are what a person sees. */
function asForm(source: string): string {
  return source.startsWith('#@title') ? source.split('\n').filter((line) => /^#@|#@param/.test(line)).join('\n') : source;
}

/** Colab shows each output in a frame of its own; the script of a figure is the project's own copy of what Colab fetches. */
function framed(output: RanCell['outputs'][number]): object {
  const html = output.data?.['text/html'];
  if (typeof html !== 'string' || !html.includes('plotly.min.js')) return { ...output };
  const local = html.replace(/https:[^"]*plotly\.min\.js/, pathToFileURL(join(projectRoot, 'node_modules/plotly.js-dist-min/plotly.min.js')).href);
  const height = Number(/min-height:(\d+)px/.exec(html)?.[1]) + 20;
  const frame = `<iframe style="width:100%;height:${height}px;border:0" srcdoc="${local.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"></iframe>`;
  return { ...output, data: { 'text/html': frame } };
}

void main(process.argv[2]).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
