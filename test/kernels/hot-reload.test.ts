import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWhen, projectRoot } from '../support/requirements.js';
import { jupyterMissing, jupyterPython } from '../support/jupyter.js';
import { KernelSession, plain } from './kernel-session.js';

/** A small project of the same shape as this one, to be edited. */
function makeProject(): { root: string; edit: (file: string, text: string) => void } {
  const root = mkdtempSync(join(tmpdir(), 'crpbot-project-'));
  mkdirSync(join(root, 'src'));
  cpSync(join(projectRoot, 'package.json'), join(root, 'package.json'));
  symlinkSync(join(projectRoot, 'node_modules'), join(root, 'node_modules'));
  return { root, edit: (file, text) => writeFileSync(join(root, 'src', file), text) };
}

describeWhen(jupyterPython !== undefined, 'an edit of src under a running kernel', jupyterMissing, () => {
  const { root, edit } = makeProject();
  let kernel: KernelSession;
  beforeAll(async () => {
    edit('rate.ts', 'export interface Named {\n  readonly name: string;\n}\n\nexport const rate: number = 1;\n');
    edit('price.ts', "import { rate } from './rate.js';\nexport type { Named } from './rate.js';\n\nexport const price = (): number => 10 * rate;\n");
    kernel = await KernelSession.start(tmpdir(), root);
    expect(await kernel.run("import { price } from 'crpbot/price';\nprice()")).toMatchObject({ error: null, stdout: '10\n' });
  });
  afterAll(async () => {
    await kernel.stop();
    rmSync(root, { recursive: true });
  });

  it('is seen by the next cell, through the modules that import what was edited', async () => {
    for (const rate of [2, 3, 4]) {
      edit('rate.ts', `export interface Named {\n  readonly name: string;\n}\n\nexport const rate: number = ${rate};\n`);
      expect((await kernel.run("import { price } from 'crpbot/price';\nprice()")).stdout).toBe(`${rate * 10}\n`);
    }
  });

  it('that does not type-check fails the cell at the line of the file, and its repair is seen', async () => {
    edit('rate.ts', 'export interface Named {\n  readonly name: string;\n}\nexport const rate: number = "five";\n');
    const result = await kernel.run("import { price } from 'crpbot/price';\nprice()");
    expect(result.error).toMatchObject({ ename: 'TypeScriptError', evalue: "src/rate.ts, line 4:14 - Type 'string' is not assignable to type 'number'." });
    edit('rate.ts', 'export interface Named {\n  readonly name: string;\n}\nexport const rate: number = 5;\n');
    expect((await kernel.run("import { price } from 'crpbot/price';\nprice()")).stdout).toBe('50\n');
  });

  it('changes what the compiler allows', async () => {
    edit('rate.ts', 'export interface Named {\n  readonly title: string;\n}\nexport const rate: number = 6;\n');
    const result = await kernel.run("import type { Named } from 'crpbot/price';\nconst named: Named = { name: 'a' };");
    expect(result.error?.evalue).toContain('line 2');
    expect(plain(result)).toContain("'name' does not exist in type 'Named'");
  });

  it('that adds a module which was missing is seen', async () => {
    const code = "import { added } from 'crpbot/added';\nadded";
    expect((await kernel.run(code)).error?.evalue).toContain("Cannot find module 'crpbot/added'");
    edit('added.ts', 'export const added = 77;\n');
    expect((await kernel.run(code)).stdout).toBe('77\n');
  });

  it('an error thrown in src names the line of the TypeScript file', async () => {
    edit('fails.ts', 'interface Long {\n  readonly first: string;\n  readonly second: string;\n}\n\nexport function fails(long: Long): never {\n  throw new Error(long.first);\n}\n');
    const result = await kernel.run("import { fails } from 'crpbot/fails';\nfails({ first: 'in src', second: '' });");
    expect(plain(result)).toMatch(/Error: in src\n\s+at fails \(src\/fails\.ts:7:\d+\)\n\s+at cell \[\d+\], line 2:\d/);
  });

  describe('a package of a module', () => {
    it('is not mistaken for a file beside it', async () => {
      edit('fflate.ts', 'export const gzipSync = "ours";\n');
      edit('uses.ts', "import { gzipSync } from 'fflate';\nimport * as ours from './fflate.js';\nexport const kinds = [typeof gzipSync, typeof ours.gzipSync];\n");
      expect((await kernel.run("import { kinds } from 'crpbot/uses';\nkinds.join()")).stdout).toBe('function,string\n');
    });

    it('with default and re-exports means what it means to Node', async () => {
      edit('re-export.ts', "export { default as pl } from 'nodejs-polars';\nexport * from 'fflate';\nexport const lazily = async (): Promise<string> => typeof (await import('nodejs-polars')).default;\n");
      const result = await kernel.run("import { pl, gunzipSync, lazily } from 'crpbot/re-export';\n[typeof pl.DataFrame, typeof gunzipSync, await lazily()].join()");
      expect(result).toMatchObject({ error: null, stdout: 'function,function,object\n' });
    });
  });
});
