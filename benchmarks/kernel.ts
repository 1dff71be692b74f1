/**
 * The notebook kernel as a front end sees it: seconds until it answers, of each notebook's first import, of an import after an edit of
 * `src`, and of an empty cell. Medians of fresh kernels; Jupyter must be set up (`crpbot setup jupyter`).
 *
 *     node bin/tsx.js benchmarks/kernel.ts [rounds]
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KernelSession } from '../test/kernels/kernel-session.js';

const rounds = Number(process.argv[2] ?? 5);
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const report = (name: string, seconds: readonly number[]): void => console.log(`${name.padEnd(52)} ${median(seconds).toFixed(2)} s (${Math.min(...seconds).toFixed(2)} to ${Math.max(...seconds).toFixed(2)})`);

/** All imports of a notebook's first cell that imports `crpbot/...`. */
function firstImports(notebook: string): string {
  const { cells } = JSON.parse(readFileSync(notebook, 'utf8')) as { cells: { cell_type: string; source: string | string[] }[] };
  const sources = cells.filter(({ cell_type }) => cell_type === 'code').map(({ source }) => [source].flat().join(''));
  return (sources.find((source) => source.includes("'crpbot/")) ?? '').split('\n').filter((line) => line.startsWith('import ')).join('\n');
}

/** This project's `src`, to be edited. */
function copyOfProject(): string {
  const root = mkdtempSync(join(tmpdir(), 'crpbot-kernel-'));
  for (const name of ['package.json', 'src']) cpSync(name, join(root, name), { recursive: true });
  symlinkSync(join(process.cwd(), 'node_modules'), join(root, 'node_modules'));
  mkdirSync(join(root, 'notebooks'));
  return root;
}

for (const name of readdirSync('notebooks').filter((file) => file.endsWith('.ipynb')).sort()) {
  const code = firstImports(join('notebooks', name));
  const seconds: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const kernel = await KernelSession.start('notebooks');
    const result = await kernel.run(code);
    if (result.error !== null) throw new Error(`${name}: ${result.error.evalue}`);
    seconds.push(result.seconds);
    await kernel.stop();
  }
  report(`${name}, first import`, seconds);
}

const root = copyOfProject();
const kernel = await KernelSession.start(tmpdir(), root);
const code = "import { planEvaluation } from 'crpbot/workflows/evaluation-plan';\nimport { showTable } from 'crpbot/notebook/show-table';\ntypeof planEvaluation + typeof showTable";
await kernel.run(code);
const [edited, empty]: [number[], number[]] = [[], []];
const file = join(root, 'src/workflows/evaluation-plan.ts');
const text = readFileSync(file, 'utf8');
for (let round = 0; round < 4 * rounds; round++) {
  writeFileSync(file, `${text}\nexport const edit${round} = ${round};\n`);
  edited.push((await kernel.run(code)).seconds);
  empty.push((await kernel.run('1')).seconds);
}
report('an edited file of src back in use', edited);
report('a cell that does nothing', empty);
await kernel.stop();
rmSync(root, { recursive: true });
