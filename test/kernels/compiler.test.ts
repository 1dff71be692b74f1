import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type ts from 'typescript';
import { expect, it } from 'vitest';
import { describeWhen, projectRoot } from '../support/requirements.js';
import { jupyterMissing, jupyterPython, kernelFolder } from '../support/jupyter.js';

const require = createRequire(join(kernelFolder, 'launcher.cjs'));

interface KernelCompiler {
  readonly ambientTypes: (root: string) => string[];
  readonly compilerOptions: (compiler: typeof ts, root: string) => ts.CompilerOptions;
  readonly useNewerGenerators: (compiler: typeof ts) => void;
}

describeWhen(jupyterPython !== undefined, 'the TypeScript of the notebooks', jupyterMissing, () => {
  it('reads all of src as the project does: nothing newer than it knows, no type error', () => {
    const compiler = require('@tslab/typescript-for-tslab') as typeof ts;
    const kernel = require('./compiler.cjs') as KernelCompiler;
    kernel.useNewerGenerators(compiler);
    const source = join(projectRoot, 'src');
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')).map((name) => join(source, name));
    const options = { ...kernel.compilerOptions(compiler, projectRoot), target: compiler.ScriptTarget.ES2022, skipLibCheck: true, esModuleInterop: true, resolveJsonModule: true, noEmit: true, inlineSourceMap: false };
    const program = compiler.createProgram(files, options);
    const complaints = compiler.getPreEmitDiagnostics(program).map((diagnostic) => {
      const line = diagnostic.file?.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line ?? 0;
      return `${diagnostic.file?.fileName}:${line + 1} ${compiler.flattenDiagnosticMessageText(diagnostic.messageText, '\n')}`;
    });
    expect(compiler.version).toBe('5.0.4');
    expect(files.length).toBeGreaterThan(50);
    expect(complaints).toEqual([]);
  });
});
