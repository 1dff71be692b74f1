import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { describeWhen } from '../support/requirements.js';
import { jupyterMissing, jupyterPython, kernelFolder } from '../support/jupyter.js';

interface Ran {
  readonly cells: readonly { readonly outputs: readonly { readonly output_type: string; readonly text?: string; readonly ename?: string }[] }[];
}

describeWhen(jupyterPython !== undefined, 'running a notebook', jupyterMissing, () => {
  const folder = mkdtempSync(join(tmpdir(), 'crpbot-notebook-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  function run(...sources: string[]): { status: number | null; stderr: string; ran: Ran } {
    const [notebook, out] = [join(folder, 'given.ipynb'), join(folder, 'out/ran.ipynb')];
    const cells = sources.map((source, index) => ({ id: `cell-${index}`, cell_type: 'code', source, metadata: {}, outputs: [], execution_count: null }));
    writeFileSync(notebook, JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells }));
    rmSync(out, { force: true });
    const { status, stderr } = spawnSync(jupyterPython ?? '', [join(kernelFolder, 'run_notebook.py'), notebook, out], { encoding: 'utf8', timeout: 60_000 });
    return { status, stderr, ran: JSON.parse(readFileSync(out, 'utf8')) as Ran };
  }

  it('exits with 0 and writes the outputs', () => {
    const { status, ran } = run("console.log('one');\nconsole.log('two');", '1 + 1');
    expect(status).toBe(0);
    expect(ran.cells.map(({ outputs }) => outputs.map(({ text }) => [text].flat().join('')))).toEqual([['one\ntwo\n'], ['2\n']]);
  });

  it('exits with 1 at the first failing cell, says where, and writes what ran', () => {
    const { status, stderr, ran } = run("console.log('before');", 'const wrong: number = "text";', "console.log('after');");
    expect(status).toBe(1);
    expect(stderr).toContain('cell 2 (cell-1) failed');
    expect(stderr).toContain("Type 'string' is not assignable to type 'number'.");
    expect(stderr).toMatch(/cell \[2\], line 1:7/);
    expect(ran.cells.map(({ outputs }) => outputs.map(({ output_type }) => output_type))).toEqual([['stream'], ['error'], []]);
  });

  it('fails when something failed in the background after the last cell', () => {
    const { status, stderr } = run('const waiting = new Promise((_, reject) => setTimeout(() => reject(new Error("nobody waits")), 10));\nundefined', 'const since = Date.now();\nwhile (Date.now() - since < 50);');
    expect(status).toBe(1);
    expect(stderr).toContain('nobody waits');
  });

  it('shows the last words of a kernel that died', () => {
    const { status, stderr } = run("import { writeSync } from 'node:fs';\nwriteSync(2, 'native library: out of memory\\n');\nprocess.kill(process.pid, 'SIGKILL');\nawait new Promise(() => setTimeout(() => {}, 5000));");
    expect(status).toBe(1);
    expect(stderr).toContain('the kernel died');
    expect(stderr).toContain('native library: out of memory');
  });
});
