import { execFileSync, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { projectRoot } from './requirements.js';

/** What Colab's Python has of Jupyter, and nothing else. */
const COLABS_PACKAGES = ['ipykernel==6.17.1', 'ipython==7.34.0', 'jupyter_client==7.4.9'];

export interface RanCell {
  readonly id: string;
  readonly seconds: number;
  readonly failed: boolean;
  readonly outputs: readonly {
    readonly output_type: string;
    readonly name?: string;
    readonly text?: string;
    readonly ename?: string;
    readonly evalue?: string;
    readonly traceback?: readonly string[];
    readonly data?: Readonly<Record<string, unknown>>;
  }[];
}

/** Everything a cell printed and showed as text, errors included, without colours. */
export function shown({ outputs }: RanCell): string {
  const parts = outputs.map(({ text, data, traceback }) => text ?? traceback?.join('\n') ?? ((data?.['text/plain'] ?? '') as string));
  // eslint-disable-next-line no-control-regex
  return parts.join('').replace(/\u001b\[[\d;]*m/g, '');
}

/** A notebook open in a bare Python with Colab's packages, an old Node.js on its PATH and a stand-in for `google.colab`. */
export interface ColabMachine {
  readonly content: string;
  readonly downloads: string;
  readonly uploads: string;
  runAll(): Promise<readonly RanCell[]>;
  run(source: string, options?: { readonly interruptAfter?: number }): Promise<RanCell>;
  /** Ends the notebook and its kernels. */
  close(): Promise<void>;
}

/** `folder`: an empty one. `python`: one with nbclient, which drives the notebook from outside. */
export function openColabMachine(folder: string, notebook: string, python: string): ColabMachine {
  const [content, downloads, uploads, bin] = ['content', 'downloads', 'uploads', 'bin'].map((name) => join(folder, name)) as [string, string, string, string];
  for (const each of [content, downloads, uploads, bin]) mkdirSync(each);
  for (const [name, answer] of [['node', '18.20.4'], ['npm', '10.7.0']] as const) {
    writeFileSync(join(bin, name), `#!/bin/sh\necho ${answer}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  execFileSync('python3', ['-m', 'venv', join(folder, 'bare')]);
  const bare = join(folder, 'bare/bin/python');
  execFileSync(bare, ['-m', 'pip', 'install', '--quiet', '--retries', '5', ...COLABS_PACKAGES], { stdio: ['ignore', 'ignore', 'pipe'] });

  mkdirSync(join(folder, 'jupyter/kernels/bare'), { recursive: true });
  const argv = [bare, '-m', 'ipykernel_launcher', '-f', '{connection_file}'];
  writeFileSync(join(folder, 'jupyter/kernels/bare/kernel.json'), JSON.stringify({ argv, display_name: 'Python 3', language: 'python' }));
  const driver = spawn(python, [join(projectRoot, 'test/notebooks/colab/drive_notebook.py'), notebook, 'bare', content], {
    env: {
      ...process.env,
      CRPBOT_ROOT: '',
      PATH: `${bin}:${process.env.PATH ?? ''}`,
      JUPYTER_PATH: join(folder, 'jupyter'),
      PYTHONPATH: join(projectRoot, 'test/notebooks/colab'),
      COLAB_DOWNLOADS: downloads,
      COLAB_UPLOADS: uploads,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ask = answers(driver);
  return {
    content,
    downloads,
    uploads,
    runAll: async () => (await ask({ run: 'all' })) as readonly RanCell[],
    run: async (cell, { interruptAfter } = {}) => (await ask({ cell, ...(interruptAfter !== undefined && { interrupt_after: interruptAfter }) })) as RanCell,
    close: () =>
      new Promise((resolve) => {
        if (driver.exitCode !== null || driver.signalCode !== null) return resolve();
        driver.on('close', () => resolve());
        driver.stdin.end();
      }),
  };
}

/** A question a line, an answer a line; what the driver says otherwise is told when it ends. */
function answers(driver: ChildProcessWithoutNullStreams): (question: object) => Promise<unknown> {
  let said = '';
  driver.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = new Promise<never>((_, reject) => driver.on('close', (status) => reject(new Error(`the notebook's driver ended with ${status}: ${said}`))));
  ended.catch(() => undefined);
  const waiting: ((answer: string) => void)[] = [];
  createInterface(driver.stdout).on('line', (line) => waiting.shift()?.(line));
  return async (question) => {
    const answer = new Promise<string>((resolve) => waiting.push(resolve));
    driver.stdin.write(`${JSON.stringify(question)}\n`);
    return JSON.parse(await Promise.race([answer, ended])) as unknown;
  };
}
