import { spawn } from 'node:child_process';

export interface ProgramOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Ends the program when it fires. */
  readonly signal?: AbortSignal | undefined;
}

export interface ProgramEnd {
  /** `not-found` when there is no such program. */
  readonly status: number | 'not-found';
  /** Everything it printed, both streams as they came. */
  readonly output: string;
}

/** Runs a program to its end. Throws only an AbortError. */
export function runProgram(command: string, args: readonly string[], { cwd, env = {}, signal }: ProgramOptions): Promise<ProgramEnd> {
  return new Promise((resolve, reject) => {
    let output = '';
    const take = (chunk: string): void => {
      output += chunk;
    };
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], ...(signal && { signal }) });
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', take);
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.name === 'AbortError') reject(error);
      else resolve({ status: error.code === 'ENOENT' ? 'not-found' : 1, output: output + error.message });
    });
    child.on('close', (code) => resolve({ status: code ?? 1, output }));
  });
}

/** The end of what a program printed: enough to see why it failed. */
export function lastLines(output: string, lines = 12): string {
  return output.trimEnd().split('\n').slice(-lines).join('\n');
}
