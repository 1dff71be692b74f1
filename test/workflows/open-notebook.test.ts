import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findNotebook, openNotebook } from '../../src/workflows/open-notebook.js';
import { jupyterMissing, jupyterPython } from '../support/jupyter.js';
import { freePort } from '../support/free-port.js';
import { describeWhen, projectRoot } from '../support/requirements.js';

const { signal } = new AbortController();

describe('opening a notebook', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'crpbot-open-'));
    mkdirSync(join(folder, 'notebooks'));
    for (const name of ['01_collect', '04_evaluate', '04_more']) writeFileSync(join(folder, 'notebooks', `${name}.ipynb`), '{}');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('finds it by the beginning of its name, its name, or its path', () => {
    const file = join(folder, 'notebooks/01_collect.ipynb');
    for (const given of ['01', '01_collect', '01_collect.ipynb', file]) expect(findNotebook(folder, given)).toBe(file);
  });

  it('says which there are when none is meant, or several', () => {
    expect(() => findNotebook(folder, '07')).toThrow(expect.objectContaining({ code: 'notebook-missing', message: 'there is no notebook 07', hint: expect.stringContaining('01_collect, 04_evaluate, 04_more') as string }));
    expect(() => findNotebook(folder, '04')).toThrow(expect.objectContaining({ code: 'notebook-missing', message: '04 may be 04_evaluate.ipynb or 04_more.ipynb' }));
  });

  it('names the command when the kernel is not installed', async () => {
    await expect(openNotebook({ projectRoot: folder, signal })).rejects.toMatchObject({ name: 'SetupError', code: 'jupyterlab-missing', hint: 'npx crpbot setup jupyter' });
  });
});

describeWhen(jupyterPython !== undefined, 'opening a notebook where the kernel is installed', jupyterMissing, () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'crpbot-open-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A Python that says it has JupyterLab, and runs this instead of it. */
  function pretendPython(script: string): string {
    const file = join(folder, 'python');
    writeFileSync(file, `#!/bin/sh\ncase "$*" in\n-c*) exit 0;;\nesac\n${script}\n`);
    chmodSync(file, 0o755);
    return file;
  }

  it('names the command when there is no JupyterLab', async () => {
    await expect(openNotebook({ projectRoot, python: join(folder, 'none'), signal })).rejects.toMatchObject({ code: 'jupyterlab-missing', message: expect.stringContaining('has no JupyterLab') as string, hint: 'npx crpbot setup jupyter' });
  });

  it('says so when the port is taken', async () => {
    const port = await freePort();
    const taken = createServer().listen(port, '127.0.0.1');
    await expect(openNotebook({ projectRoot, python: pretendPython('exit 0'), port, signal })).rejects.toMatchObject({ name: 'InputError', code: 'port-taken', message: expect.stringContaining(String(port)) as string });
    taken.close();
  });

  it('shows JupyterLab’s last words when it ends by itself', async () => {
    await expect(openNotebook({ projectRoot, python: pretendPython('echo "bad config file" >&2; exit 7'), signal })).rejects.toMatchObject({ code: 'jupyterlab-failed', message: 'JupyterLab ended by itself (exit status 7):\nbad config file' });
  });

  it('says the address and the kernel’s complaints, not JupyterLab’s chatter, and ends when told to', async () => {
    const abort = new AbortController();
    const [urls, lines]: [string[], string[]] = [[], []];
    const script = 'echo "[I 12 ServerApp] http://localhost:8888/lab/tree/notebooks?token=ab12"; echo "[I 12 ServerApp] 200 GET"; echo "crpbot kernel: tslab is not installed"; echo last; exec sleep 60';
    const running = openNotebook({
      projectRoot,
      python: pretendPython(script),
      signal: abort.signal,
      onReady: (url) => urls.push(url),
      onLine: (line) => {
        lines.push(line);
        abort.abort();
      },
    });
    await running;
    expect({ urls, lines }).toEqual({ urls: ['http://localhost:8888/lab/tree/notebooks?token=ab12'], lines: ['crpbot kernel: tslab is not installed'] });
  });
});
