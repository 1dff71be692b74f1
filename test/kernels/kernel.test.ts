import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWhen } from '../support/requirements.js';
import { jupyterMissing, jupyterPython } from '../support/jupyter.js';
import { KernelSession, plain } from './kernel-session.js';

const LONG_AWAIT = 'await new Promise((resolve) => setTimeout(resolve, 60_000));';

describeWhen(jupyterPython !== undefined, 'the TypeScript kernel', jupyterMissing, () => {
  let kernel: KernelSession;
  beforeAll(async () => {
    kernel = await KernelSession.start(tmpdir());
  });
  afterAll(() => kernel.stop());

  it('runs TypeScript, keeps declarations, shows the last expression', async () => {
    expect(await kernel.run('const half: number = 21;\ninterface Pair { readonly a: number }')).toMatchObject({ status: 'ok', error: null });
    expect(await kernel.run('const pair: Pair = { a: half * 2 };\npair.a')).toMatchObject({ status: 'ok', stdout: '42\n' });
    expect(await kernel.run('const later = await Promise.resolve(7);\nlater')).toMatchObject({ stdout: '7\n', order: ['status', 'execute_input', 'stream', 'status'] });
  });

  describe('a name of an earlier cell', () => {
    beforeAll(async () => {
      await kernel.run('interface Quote { bid: number; ask?: number; of: { size: number } }\nconst quote: Quote = { bid: 1, of: { size: 2 } };\nlet bid = 10;\nlet ask = 11;');
    });

    it('may stand in an object in short', async () => {
      expect((await kernel.run('JSON.stringify({ bid, nested: { ask } })')).stdout).toBe('{"bid":10,"nested":{"ask":11}}\n');
      expect((await kernel.run('(() => { const bid = 5; return JSON.stringify({ bid, ask }); })()')).stdout).toBe('{"bid":5,"ask":11}\n');
    });

    it('may be a property that is renamed while it is taken out', async () => {
      expect(await kernel.run('const { bid: b, of: { size: s } } = quote;\n[b, s].join()')).toMatchObject({ error: null, stdout: '1,2\n' });
      expect(await kernel.run('const sum = ({ bid: x }: Quote): number => x + bid;\nsum(quote)')).toMatchObject({ error: null, stdout: '11\n' });
    });

    it('may be assigned from an object, with a default', async () => {
      expect(await kernel.run('({ bid, ask = 7 } = quote);\n[bid, ask].join()')).toMatchObject({ error: null, stdout: '1,7\n' });
      expect((await kernel.run('[bid, ask].join()')).stdout).toBe('1,7\n');
    });
  });

  describe('an error', () => {
    it('of a type is an error output with line, column and message, and nothing of the cell runs', async () => {
      const result = await kernel.run("console.log('not printed');\nconst count: number = 'three';");
      expect(result).toMatchObject({ status: 'error', stdout: '', error: { ename: 'TypeScriptError' } });
      expect(result.error?.evalue).toMatch(/^cell \[\d+\], line 2:7 - Type 'string' is not assignable to type 'number'\.$/);
      expect(plain(result)).toContain("> 2 | const count: number = 'three';\n    |       ^");
    });

    it('is strict: an implicit any, an undefined that may be', async () => {
      expect((await kernel.run('function twice(x) { return x; }')).error?.evalue).toContain("Parameter 'x' implicitly has an 'any' type");
      expect((await kernel.run('const first: string = ([] as string[]).at(0);')).error?.evalue).toContain("'string | undefined' is not assignable");
    });

    it('at run time names the TypeScript line, through functions of earlier cells', async () => {
      await kernel.run('interface Padding {\n  readonly nothing: string;\n}\nfunction fails(): never {\n  throw new RangeError("out of it");\n}');
      const result = await kernel.run('\n\nfails();');
      expect(result).toMatchObject({ status: 'error', error: { ename: 'RangeError', evalue: 'out of it' } });
      expect(plain(result)).toMatch(/at fails \(cell \[\d+\], line 5:9\)\n\s+at cell \[\d+\], line 3:1\n/);
      expect(plain(result)).toContain('> 5 |   throw new RangeError("out of it");');
      expect(plain(result)).not.toMatch(/tslab|node:vm|session\.cjs/);
    });

    it('after an await names the line too', async () => {
      const result = await kernel.run('await Promise.resolve();\nconst nobody = undefined as unknown as { name: string };\nnobody.name;');
      expect(plain(result)).toMatch(/TypeError: Cannot read properties of undefined \(reading 'name'\)\n\s+at cell \[\d+\], line 3:8/);
    });

    it('of the project says what, where and what to do, without a stack', async () => {
      const code = "import { InputError } from 'crpbot/errors';\nthrow new InputError('close is NaN', { code: 'not-finite', place: { file: 'a.csv', line: 3 }, hint: 'repair the line' });";
      const result = await kernel.run(code);
      expect(result.error).toMatchObject({ ename: 'InputError', evalue: 'close is NaN' });
      expect(plain(result)).toMatch(/^InputError \(not-finite\): close is NaN\n {4}where: file a\.csv, line 3\n {4}hint: repair the line\n {4}at cell \[\d+\], line 2:7\n/);
    });

    it.each(["%%ts\nconst a = 1;", '!pip install numpy', 'import pandas as pd\nprint(pd.__version__)', 'def price(x):\n    return x'])('of a cell for Python says which kernel it needs: %j', async (code) => {
      const result = await kernel.run(code);
      expect(result.error).toMatchObject({ ename: 'WrongKernel', evalue: 'this cell is Python’s, and the kernel is "TypeScript (crpbot)"' });
      expect(plain(result)).toContain('Kernel > Change Kernel > Python 3');
    });

    it('that is no Error is shown as it is', async () => {
      expect((await kernel.run('throw { reason: 5 };')).error).toMatchObject({ ename: 'UncaughtValue', evalue: '{ reason: 5 }' });
    });

    it('leaves the next cell alone', async () => {
      expect((await kernel.run('throw new Error("one");')).status).toBe('error');
      expect(await kernel.run('console.log("runs");')).toMatchObject({ status: 'ok', stdout: 'runs\n' });
      expect((await kernel.run('throw new Error("allowed");', { stopOnError: false })).status).toBe('error');
      expect(await kernel.run('console.log("runs");')).toMatchObject({ status: 'ok', stdout: 'runs\n' });
    });

    it('aborts the cells already waiting behind it, and no later one', async () => {
      expect(await kernel.sendTogether(['throw new Error("stop here");', 'let skipped = 1;', 'let alsoSkipped = 1;'])).toEqual(['error', 'aborted', 'aborted']);
      expect(await kernel.sendTogether(['let a1 = 1;', 'let a2 = a1 + 1;'])).toEqual(['ok', 'ok']);
    });

    it('process.exit is an ordinary one', async () => {
      expect((await kernel.run('process.exit(3);')).error?.evalue).toContain('process.exit(3) in a notebook');
      expect((await kernel.run('1 + 1')).stdout).toBe('2\n');
    });
  });

  describe('a failure in the background', () => {
    it('of a promise nobody awaits fails its cell', async () => {
      const result = await kernel.run('void Promise.reject(new Error("left alone"));');
      expect(result).toMatchObject({ status: 'error', error: { ename: 'Error', evalue: 'left alone' } });
      expect(plain(result)).toContain('awaited by nobody');
    });

    it('that comes later fails the next cell, which has run', async () => {
      expect((await kernel.run('setTimeout(() => { throw new Error("from a timer"); }, 20);\nlet timer = 1;')).status).toBe('ok');
      const result = await kernel.run('await new Promise((resolve) => setTimeout(resolve, 100));\nconst survived = 1;');
      expect(result).toMatchObject({ status: 'error', error: { evalue: 'from a timer' } });
      expect((await kernel.run('survived')).stdout).toBe('1\n');
    });
  });

  describe('output', () => {
    it('of 5,000 writes in one stretch arrives whole and in order, in few messages', async () => {
      const result = await kernel.run('for (let i = 0; i < 5000; i++) process.stdout.write(`line ${i}\\n`);');
      expect(result.stdout).toBe(Array.from({ length: 5000 }, (_, index) => `line ${index}\n`).join(''));
      expect(result.streams).toBeLessThan(200);
    });

    it('of 3,000 things shown in one stretch arrives whole', async () => {
      const code = "import { display } from 'crpbot/notebook/display';\nfor (let i = 0; i < 3000; i++) display({ 'text/plain': `shown ${i}` });";
      const { displays, error } = await kernel.run(code);
      expect(error).toBeNull();
      expect(displays.map(({ data }) => data['text/plain'])).toEqual(Array.from({ length: 3000 }, (_, index) => `shown ${index}`));
    });

    it('of 20 MB arrives whole', async () => {
      const result = await kernel.run('for (let i = 0; i < 2000; i++) process.stdout.write("x".repeat(9_999) + "\\n");');
      expect(result.stdout.length).toBe(20_000_000);
    });

    it('keeps its order between the streams and what is shown', async () => {
      const code = "import { display } from 'crpbot/notebook/display';\nconsole.log('a');\nconsole.error('b');\ndisplay({ 'text/plain': 'c' });\nconsole.log('d');";
      const result = await kernel.run(code);
      expect(result.order).toEqual(['status', 'execute_input', 'stream', 'stream', 'display_data', 'stream', 'status']);
      expect([result.stdout, result.stderr]).toEqual(['a\nd\n', 'b\n']);
    });

    it('cut within a character is put together', async () => {
      const code = "const euro = Buffer.from('€');\nprocess.stdout.write(euro.subarray(0, 1));\nprocess.stdout.write(euro.subarray(1));\nundefined";
      expect((await kernel.run(code)).stdout).toBe('€');
    });
  });

  describe('an interrupt', () => {
    it('ends a long await within 2 seconds and leaves the kernel usable', async () => {
      const result = await kernel.run(LONG_AWAIT, { interruptAfter: 0.3 });
      expect(result).toMatchObject({ status: 'error', error: { ename: 'KeyboardInterrupt' } });
      expect(result.seconds).toBeLessThan(2.3);
      expect((await kernel.run('6 * 7')).stdout).toBe('42\n');
    });

    it('ends a synchronous loop', async () => {
      const result = await kernel.run('for (;;);', { interruptAfter: 0.3 });
      expect(result.error?.ename).toBe('KeyboardInterrupt');
      expect((await kernel.run('6 * 7')).stdout).toBe('42\n');
    });

    it('reaches a job by its signal: it stops, and puts things in order first', async () => {
      const code = `import { setTimeout as wait } from 'node:timers/promises';
import { cellControl } from 'crpbot/notebook/progress-line';
const { signal } = cellControl();
try {
  await wait(60_000, undefined, { signal });
} finally {
  console.log('put in order');
}`;
      const result = await kernel.run(code, { interruptAfter: 3 });
      expect(result).toMatchObject({ status: 'error', stdout: 'put in order\n', error: { ename: 'KeyboardInterrupt' } });
      expect((await kernel.run('6 * 7')).stdout).toBe('42\n');
    });
  });

  describe('what src/notebook shows', () => {
    it('is a figure drawn by the front end, or where it cannot, an image', async () => {
      const code = `import { showFigure } from 'crpbot/notebook/show-figure';
import { level, figureLayout } from 'crpbot/report/figures/style';
showFigure({ data: [level('gate', 0.68, [0, 1], '#a66bd4')], layout: figureLayout('A gate', {}, {}) });`;
      const [figure] = (await kernel.run(code)).displays;
      expect(Object.keys(figure?.data ?? {})).toEqual(['application/vnd.plotly.v1+json', 'image/svg+xml', 'text/plain']);
      expect(figure?.data['application/vnd.plotly.v1+json']).toMatchObject({ data: [{ name: 'gate' }], layout: { title: { text: 'A gate' } } });
    });

    it('of a long job is one line, replaced in place', async () => {
      const code = `import { progressLine } from 'crpbot/notebook/progress-line';
let clock = 0;
const report = progressLine(() => (clock += 100));
for (let done = 0; done <= 1000; done++) report({ label: 'counting', done, total: 1000, unit: 'rows' });`;
      const { displays, error } = await kernel.run(code);
      expect(error).toBeNull();
      expect(displays.map(({ kind }) => kind).slice(0, 2)).toEqual(['display_data', 'update_display_data']);
      expect(new Set(displays.map(({ transient }) => transient.display_id)).size).toBe(1);
      expect(displays.length).toBeLessThan(250);
      expect(displays.at(-1)?.data['text/plain']).toBe('counting: 1,000 of 1,000 rows, 100 %, 10 rows/s, 100 s in all');
    });
  });

  describe('a package', () => {
    it('means what it means to Node: default, named, namespace, dynamic', async () => {
      const code = `import pl, { DataFrame } from 'nodejs-polars';
import Table from 'cli-table3';
import * as path from 'node:path';
import fs, { existsSync } from 'node:fs';
const { gzipSync } = await import('fflate');
console.log(pl.DataFrame === DataFrame, new Table({ head: ['a'] }).length, path.join('a', 'b'), fs.existsSync === existsSync, typeof gzipSync);`;
      expect(await kernel.run(code)).toMatchObject({ error: null, stdout: 'true 0 a/b true function\n' });
    });

    it('that is ESM only is imported in src as on the command line', async () => {
      expect(await kernel.run("import { buildOnnx } from 'crpbot/engines/onnx/build-onnx';\ntypeof buildOnnx")).toMatchObject({ error: null, stdout: 'function\n' });
    });
  });
});
