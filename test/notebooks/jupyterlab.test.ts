import { spawn, type ChildProcess } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../support/free-port.js';
import { chromiumPath, withPage, type BrowserPage } from '../support/chromium.js';
import { jupyterMissing, jupyterPython } from '../support/jupyter.js';
import { describeWhen, projectRoot } from '../support/requirements.js';

const MINUTE = 60_000;
const available = jupyterPython !== undefined && chromiumPath() !== undefined;

/** What JupyterLab shows of the open notebook. */
const STATE = `(() => {
  const content = window.jupyterapp?.shell.currentWidget?.content;
  const cells = content?.widgets ?? [];
  const code = cells.filter((cell) => cell.model.type === 'code');
  const session = window.jupyterapp?.shell.currentWidget?.sessionContext;
  return {
    kernel: session?.kernelDisplayName ?? '',
    idle: session?.session?.kernel?.status === 'idle',
    ran: code.filter((cell) => cell.model.executionCount !== null).length,
    code: code.length,
    errors: code.flatMap((cell) => cell.model.outputs.toJSON().filter((output) => output.output_type === 'error').map((output) => output.evalue)),
    figures: code.flatMap((cell) => cell.model.outputs.toJSON().filter((output) => 'application/vnd.plotly.v1+json' in (output.data ?? {}))).length,
  };
})()`;

interface State {
  readonly kernel: string;
  readonly idle: boolean;
  readonly ran: number;
  readonly code: number;
  readonly errors: readonly string[];
  readonly figures: number;
}

async function stateWhen(page: BrowserPage, holds: (state: State) => boolean): Promise<State> {
  const deadline = Date.now() + 6 * MINUTE;
  for (;;) {
    const state = (await page.evaluate(STATE)) as State;
    if (holds(state) || Date.now() > deadline) return state;
    await wait(250);
  }
}

describeWhen(available, 'crpbot notebook, in a real browser', `${jupyterMissing}; or chromium is not installed`, () => {
  // A folder outside the project: what JupyterLab saves must not change the committed notebooks.
  const folder = mkdtempSync(join(tmpdir(), 'crpbot-lab-'));
  let command: ChildProcess;
  let url: string;
  beforeAll(async () => {
    for (const name of readdirSync(join(projectRoot, 'notebooks')).filter((file) => file.endsWith('.ipynb'))) copyFileSync(join(projectRoot, 'notebooks', name), join(folder, name));
    const notebook = join(folder, '04_evaluate.ipynb');
    writeFileSync(notebook, readFileSync(notebook, 'utf8').replace('results/04_evaluate', join(folder, 'results')));
    const config = join(folder, '.config');
    mkdirSync(config);
    // Lets the test ask JupyterLab what it shows; nothing of a person's own settings plays a part.
    writeFileSync(join(config, 'jupyter_lab_config.py'), 'c.LabApp.expose_app_in_browser = True\nc.LabApp.news_url = None\n');
    const env: NodeJS.ProcessEnv = { ...process.env, HOME: folder, JUPYTER_CONFIG_DIR: config };
    delete env.CRPBOT_ROOT;
    command = spawn(process.execPath, [join(projectRoot, 'bin/crpbot.js'), 'notebook', notebook, '--no-browser', '--port', String(await freePort())], { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const line of createInterface({ input: command.stdout! })) {
      const said = /^JupyterLab: (\S+)$/.exec(line)?.[1];
      if (said !== undefined) {
        url = said;
        break;
      }
    }
  }, 2 * MINUTE);
  afterAll(() => {
    command.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  });

  it('opens the notebook on the kernel, runs it, and shows its figures', async () => {
    expect(url).toMatch(/^http:\/\/localhost:\d+\/lab\/tree\/04_evaluate\.ipynb\?token=\w+$/);
    await withPage(url, { width: 1400, height: 1000 }, async (page) => {
      expect((await stateWhen(page, ({ kernel, idle, code }) => kernel !== '' && idle && code > 0)).kernel).toBe('TypeScript (crpbot)');
      await page.evaluate("void window.jupyterapp.commands.execute('notebook:run-all-cells')");
      const state = await stateWhen(page, ({ ran, code, idle, errors }) => (ran === code && idle) || errors.length > 0);
      expect(state.errors).toEqual([]);
      expect(state.ran).toBe(state.code);
      expect(state.figures).toBeGreaterThan(2);

      // Drawn, not only sent: bring the first figure before the eye and look for its curves.
      const drawn = `(() => {
        const { content } = window.jupyterapp.shell.currentWidget;
        const index = content.widgets.findIndex((cell) => cell.model.type === 'code' && cell.model.outputs.toJSON().some((output) => 'application/vnd.plotly.v1+json' in (output.data ?? {})));
        content.activeCellIndex = index;
        void content.scrollToItem(index, 'start');
        const node = content.widgets[index].node;
        return [...node.querySelectorAll('.main-svg .scatterlayer path, .main-svg .barlayer path')].length;
      })()`;
      let curves = 0;
      for (let tries = 0; tries < 120 && curves === 0; tries++) {
        curves = (await page.evaluate(drawn)) as number;
        await wait(250);
      }
      expect(curves).toBeGreaterThan(0);
      await page.evaluate("void window.jupyterapp.commands.execute('docmanager:save')");
      await wait(1500);
      const picture = await page.screenshot();
      if (process.env.CRPBOT_PICTURES !== undefined) writeFileSync(join(process.env.CRPBOT_PICTURES, 'jupyterlab.png'), picture);
      expect(picture.length).toBeGreaterThan(20_000);
    });
  }, 9 * MINUTE);

  it('ends with its kernels at Ctrl-C, and calls that no failure', async () => {
    const ended = new Promise<number | null>((done) => command.once('exit', done));
    command.kill('SIGINT');
    expect(await ended).toBe(0);
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  }, MINUTE);
});
