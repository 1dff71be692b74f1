import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { jupyterPython } from '../support/jupyter.js';
import { projectRoot } from '../support/requirements.js';

export interface CellResult {
  readonly status: 'ok' | 'error' | 'aborted' | 'timeout';
  readonly stdout: string;
  readonly stderr: string;
  /** Messages that carried it. */
  readonly streams: number;
  readonly displays: readonly { readonly kind: string; readonly data: Readonly<Record<string, unknown>>; readonly transient: { display_id?: string } }[];
  readonly error: { readonly ename: string; readonly evalue: string; readonly traceback: readonly string[] } | null;
  /** Types of everything published, in order. */
  readonly order: readonly string[];
  readonly seconds: number;
}

export interface RunOptions {
  readonly stopOnError?: boolean;
  /** Seconds after which the cell is interrupted. */
  readonly interruptAfter?: number;
  readonly timeout?: number;
}

/** A running kernel, as a front end sees it. */
export class KernelSession {
  /** Process of the kernel. */
  readonly pid: number;
  readonly #driver: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  private constructor(driver: ChildProcess, answers: AsyncIterator<string>, pid: number) {
    this.#driver = driver;
    this.#answers = answers;
    this.pid = pid;
  }

  /** Starts the kernel with `folder` as the notebook's folder; `root` names another project than this. */
  static async start(folder: string, root?: string): Promise<KernelSession> {
    const env = { ...process.env };
    delete env.CRPBOT_ROOT;
    const driver = spawn(jupyterPython ?? 'python3', [join(projectRoot, 'test/kernels/drive_kernel.py'), folder], {
      env: { ...env, JUPYTER_PATH: projectRoot, ...(root === undefined ? {} : { CRPBOT_ROOT: root }) },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const answers = createInterface({ input: driver.stdout })[Symbol.asyncIterator]();
    const { pid } = await nextAnswer<{ pid: number }>(answers);
    return new KernelSession(driver, answers, pid);
  }

  run(code: string, { stopOnError = true, interruptAfter, timeout }: RunOptions = {}): Promise<CellResult> {
    return this.#ask({ run: code, stop_on_error: stopOnError, interrupt_after: interruptAfter, timeout });
  }

  /** Sends cells at once, as "Run all" does. Returns each one's status. */
  sendTogether(codes: readonly string[]): Promise<CellResult['status'][]> {
    return this.#ask({ send: codes });
  }

  /** Sends a cell and does not wait for it. */
  leaveRunning(code: string): void {
    this.#driver.stdin?.write(`${JSON.stringify({ run: code })}\n`);
  }

  /** Kills what started the kernel, and leaves the kernel alone. */
  killParent(): void {
    this.#driver.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#driver.once('exit', resolve));
    this.#driver.stdin?.end();
    await ended;
  }

  #ask<Answer>(command: Readonly<Record<string, unknown>>): Promise<Answer> {
    this.#driver.stdin?.write(`${JSON.stringify(command)}\n`);
    return nextAnswer(this.#answers);
  }
}

async function nextAnswer<Answer>(answers: AsyncIterator<string>): Promise<Answer> {
  const answer = await answers.next();
  if (answer.done === true) throw new Error('the kernel driver ended; its error stands above');
  return JSON.parse(answer.value) as Answer;
}

/** A traceback without colours. */
export function plain(result: CellResult): string {
  // eslint-disable-next-line no-control-regex
  return (result.error?.traceback ?? []).join('\n').replaceAll(/\u001b\[\d+m/g, '');
}
