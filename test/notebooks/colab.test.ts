import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findTensorFlow } from '../../src/engines/tensorflow/find-tensorflow.js';
import { cellText, type Notebook } from '../../src/workflows/colab/notebook-file.js';
import { projectFiles } from '../../src/workflows/colab/project-files.js';
import { tar } from '../../src/workflows/colab/tar.js';
import { writeColabNotebooks } from '../../src/workflows/colab.js';
import { openColabMachine, shown, type ColabMachine, type RanCell } from '../support/colab.js';
import { pretendProgram } from '../support/pretend-tensorflow.js';
import { describeWhen, describeWithTensorFlow, projectRoot } from '../support/requirements.js';
import { jupyterMissing, jupyterPython } from '../support/jupyter.js';

/** Seconds from a bare Python to TypeScript cells, the network included. */
const LONGEST_SET_UP = 180;
const FIRST_CELL = readFileSync(join(projectRoot, 'kernels/colab/first_cell.py'), 'utf8');
/** Cells that each Colab notebook begins with: one of them has run for all. */
const SET_UP = new Set(['colab-project', 'colab-set-up', 'colab-input']);
/** Each but the one that runs from its first cell to its last below. */
const OTHERS = readdirSync(join(projectRoot, 'notebooks')).filter((name) => name.endsWith('.ipynb') && name !== '04_evaluate.ipynb').sort();
/** Of settings that a notebook has, values that train for seconds: what the result is worth is tested elsewhere. */
const SHORT = '%%ts\nObject.assign(settings, { epochs: 1, mostTries: 1 });';

describe('colab/', () => {
  it('is in step with notebooks/ and the project (npm run colab)', () => {
    const files = writeColabNotebooks({ projectRoot, check: true });
    expect(files.length).toBe(readdirSync(join(projectRoot, 'notebooks')).filter((name) => name.endsWith('.ipynb')).length);
    expect(files.filter(({ inStep }) => !inStep).map(({ file }) => file)).toEqual([]);
    expect(readdirSync(join(projectRoot, 'colab')).filter((name) => name.endsWith('.ipynb')).length).toBe(files.length);
  });

  it('holds notebooks small enough to upload', () => {
    for (const { bytes } of writeColabNotebooks({ projectRoot, check: true })) expect(bytes).toBeLessThan(2_000_000);
  });

  it('is pictured in the guide, by pictures that are there and small', () => {
    const guide = readFileSync(join(projectRoot, 'COLAB_EVALUATION.md'), 'utf8');
    const shown = [...guide.matchAll(/!\[[^\]]+\]\(docs\/pictures\/([^)]+)\)/g)].map(([, name]) => name);
    expect(shown.sort()).toEqual(readdirSync(join(projectRoot, 'docs/pictures')).filter((name) => name.startsWith('colab-')).sort());
    expect(shown.map((name) => statSync(join(projectRoot, 'docs/pictures', name)).size).filter((bytes) => bytes > 250_000)).toEqual([]);
  });

  it('every message of the set-up is in the guide', () => {
    const guide = readFileSync(join(projectRoot, 'COLAB_EVALUATION.md'), 'utf8');
    const folder = join(projectRoot, 'kernels/colab');
    const sources = readdirSync(folder).filter((name) => name.endsWith('.py')).map((name) => readFileSync(join(folder, name), 'utf8'));
    const codes = sources.flatMap((source) => [...source.matchAll(/Explained\(\s*(?:f?"([a-z-]+)[":]|"[a-z-]+" if near else "([a-z-]+)")/g)].map(([, code, other]) => code ?? other));
    // Of crpbot itself, with a hint of their own here.
    codes.push(...[...readFileSync(join(folder, 'programs.py'), 'utf8').matchAll(/^ {4}"([a-z-]+)":/gm)].map(([, code]) => code));
    expect(codes.length).toBeGreaterThan(22);
    expect(codes.filter((code) => code !== undefined && !guide.includes(`\`${code}\``))).toEqual([]);
  });
});

describeWhen(jupyterPython !== undefined, 'colab/04_evaluate.ipynb in a bare Python, as on Colab', jupyterMissing, () => {
  const folder = mkdtempSync(join(tmpdir(), 'crpbot-colab-'));
  let machine: ColabMachine;
  let ran: readonly RanCell[];
  const cell = (id: string): RanCell => {
    const found = ran.find((each) => each.id === id);
    if (found === undefined) throw new Error(`cell ${id} did not run`);
    return found;
  };

  beforeAll(async () => {
    writeColabNotebooks({ projectRoot, out: join(folder, 'notebooks') });
    machine = openColabMachine(folder, join(folder, 'notebooks/04_evaluate.ipynb'), jupyterPython ?? '');
    ran = await machine.runAll();
    const all = ran.reduce((sum, { seconds }) => sum + seconds, 0);
    process.stdout.write(`Colab form of 04_evaluate: set-up ${cell('colab-set-up').seconds.toFixed(0)} s of ${all.toFixed(0)} s\n${shown(cell('colab-set-up'))}\n${ran.map(({ id, seconds }) => `${id} ${seconds.toFixed(1)}`).join(', ')}\n`);
  }, 600_000);
  afterAll(async () => {
    await machine.close();
    rmSync(folder, { recursive: true, maxRetries: 5 });
  }, 300_000);

  it('runs from the first cell to the last, nothing typed', () => {
    expect(ran.filter(({ failed }) => failed).map((each) => `${each.id}: ${shown(each)}`)).toEqual([]);
    expect(ran.at(-1)?.id).toBe('colab-download');
  });

  it('sets itself up in time, with Node.js from PyPI where the one there is too old', () => {
    expect(cell('colab-set-up').seconds).toBeLessThan(LONGEST_SET_UP);
    const said = shown(cell('colab-set-up'));
    expect(said).toMatch(/^Node\.js: 22\.\d+\.\d+, from PyPI/m);
    expect(said).toMatch(/^Packages: from npm/m);
    expect(said).toMatch(/^TensorFlow: not in this Python: .*30 times slower/m);
  });

  it('downloads the table and the report', () => {
    const lines = readFileSync(join(machine.downloads, 'evaluation_results.csv'), 'utf8').trim().split('\n');
    expect(lines[0]).toMatch(/^symbol,accuracy,precision,recall,f1,calibration_error,num_samples/);
    expect(lines.slice(1).map((line) => line.split(',')[0])).toEqual(['BTC-SIM', 'ETH-SIM', 'SOL-SIM']);
    expect(existsSync(join(machine.downloads, 'report.html'))).toBe(true);
  });

  it('shows the sample’s three verdicts as they should be: one to promote, one badly calibrated, one that learnt nothing', () => {
    const verdicts = shown(cell('verdicts'));
    expect(verdicts).toMatch(/^ETH-SIM +PROMOTE/m);
    expect(verdicts).toMatch(/^BTC-SIM +RETRAIN .*calibration error .* exceeds/m);
    expect(verdicts).toMatch(/^SOL-SIM +RETRAIN .*accuracy .* misses/m);
  });

  it.each(['reliability', 'coverage', 'confusion', 'equity', 'overview'])('shows the figure of cell %s, drawn by the browser and as an image', (id) => {
    const data = cell(id).outputs.find((output) => output.data !== undefined)?.data ?? {};
    expect(data['text/html']).toMatch(/<svg .*<\/svg><\/div><script src="https:\/\/cdn\.jsdelivr\.net\/npm\/plotly\.js-dist-min@\d[\d.]+\/plotly\.min\.js">/s);
    expect(data['image/svg+xml']).toMatch(/^<svg /);
  });

  it('keeps what a cell declared for the next', async () => {
    await machine.run('%%ts\nconst kept = 41;');
    expect(shown(await machine.run('%%ts\nconsole.log(kept + 1);'))).toBe('42\n');
  });

  it('adds less than 50 ms to the time the kernel itself takes for a cell', async () => {
    const measured = await machine.run(OVERHEAD);
    expect(Number(shown(measured).trim().split('\n').at(-1))).toBeLessThan(0.05);
  });

  describeWithTensorFlow('with a TensorFlow in its Python, as on Colab', () => {
    /** A set-up that finds it, with a line of Python before. */
    const setUp = (before: string): Promise<RanCell> => machine.run(`${before}\nbootstrap.set_up(ROOT)`);

    beforeAll(async () => {
      const sitePackages = JSON.stringify(dirname(findTensorFlow().folder));
      await machine.run(`import sys, sysconfig\nopen(sysconfig.get_path('purelib') + '/elsewhere.pth', 'w').write(${sitePackages})\nsys.path.append(${sitePackages})`);
    });

    it('but no compiler: says so, and goes on without', async () => {
      const said = shown(await setUp("os.environ['CXX'] = 'no-such-compiler'"));
      expect(said).toMatch(/^TensorFlow: not bound, models are scored as ever, .*30 times slower: error: the C\+\+ compiler no-such-compiler was not found/m);
      expect(said).toContain('\nReady in ');
    });

    it('and a GPU that it cannot use: says what was found, and goes on', async () => {
      const smi = pretendProgram(join(folder, 'bin/nvidia-smi'), 'case "$*" in *driver_version*) echo "Tesla T4, 15360, 550.54.15";; *) echo "Tesla T4, 15360 MiB";; esac');
      const said = shown(await setUp("os.environ.pop('CXX', None)\nos.environ['GLOBAL_AGENT_HTTPS_PROXY'] = 'http://127.0.0.1:1'"));
      rmSync(smi);
      expect(said).toMatch(/^GPU: Tesla T4, 15360 MiB$/m);
      expect(said).toMatch(/^TensorFlow: Ready\. TensorFlow 2\.\d+\.\d+ computes on the CPU \(Tesla T4, 15360 MB, driver 550\.54\.15.*\)\. It does not use the GPU: training goes on without it/m);
      expect(said).toMatch(/^ONNX Runtime on the GPU: not used, models are scored on the CPU: error: /m);
      expect(said).toContain('\nReady in ');
    }, 90_000);

    it.each(OTHERS)('%s runs too, in a kernel of its own', async (name) => {
      const { cells } = JSON.parse(readFileSync(join(folder, 'notebooks', name), 'utf8')) as Notebook;
      await machine.run('%ts_restart');
      const took: string[] = [];
      for (const each of cells.filter(({ cell_type, id }) => cell_type === 'code' && !SET_UP.has(id))) {
        const result = await machine.run(cellText(each));
        took.push(`${each.id} ${result.seconds.toFixed(1)}`);
        expect({ cell: each.id, said: result.failed ? shown(result) : '' }).toEqual({ cell: each.id, said: '' });
        if (each.id === 'settings') await machine.run(SHORT);
      }
      process.stdout.write(`Colab form of ${name}: ${took.join(', ')}\n`);
    }, 300_000);
  });

  it('a notebook of the TypeScript kernel, opened in Python, and the other way round: errors that the guide explains', async () => {
    const { cells } = JSON.parse(readFileSync(join(projectRoot, 'notebooks/04_evaluate.ipynb'), 'utf8')) as Notebook;
    const first = cells.find(({ cell_type }) => cell_type === 'code');
    expect(shown(await machine.run(first === undefined ? '' : cellText(first)))).toMatch(/SyntaxError: invalid syntax/);

    const project = (JSON.parse(readFileSync(join(folder, 'notebooks/04_evaluate.ipynb'), 'utf8')) as Notebook).cells.find(({ id }) => id === 'colab-project');
    const start = project === undefined ? '' : cellText(project).slice(0, 1000);
    expect(shown(await machine.run(`%%ts\n${start}`))).toMatch(/^WrongKernel: [^]*Change Kernel > Python 3/);
    const guide = readFileSync(join(projectRoot, 'COLAB_EVALUATION.md'), 'utf8');
    expect(['SyntaxError: invalid syntax', 'WrongKernel'].filter((message) => !guide.includes(`\`${message}\``))).toEqual([]);
  });

  describe('a cell that fails', () => {
    it('by its types stops the run and says line and message', async () => {
      const failed = await machine.run('%%ts\nconst fine = 1;\nconst wrong: number = "text";');
      expect(failed.failed).toBe(true);
      expect(failed.outputs.at(-1)).toMatchObject({ output_type: 'error', ename: 'TypeScriptError' });
      expect(shown(failed)).toContain("Type 'string' is not assignable to type 'number'.");
      expect(shown(failed)).toMatch(/cell \[\d+\], line 2:7/);
    });

    it('while it runs says so too, after what it printed', async () => {
      const failed = await machine.run('%%ts\nconsole.log("before");\n\nthrow new RangeError("too far");');
      expect(failed.failed).toBe(true);
      expect(shown(failed)).toMatch(/^before\n[^]*RangeError: too far[^]*line 3:/);
      expect(shown(failed)).not.toContain('ts_kernel.py');
    });

    it('leaves the next one alone', async () => expect(shown(await machine.run('%%ts\nconst kept = 41;\nconsole.log(kept);'))).toBe('41\n'));
  });

  describe('an interrupt', () => {
    beforeAll(() => machine.run('%%ts\nconst kept = 41;'));

    it('ends a waiting cell within 2 s, and the kernel goes on', async () => {
      const stopped = await machine.run('%%ts\nawait new Promise((resolve) => setTimeout(resolve, 60_000));', { interruptAfter: 1 });
      expect(stopped).toMatchObject({ failed: true, outputs: [{ ename: 'KeyboardInterrupt' }] });
      expect(stopped.seconds).toBeLessThan(2);
      expect(shown(await machine.run('%%ts\nconsole.log(kept);'))).toBe('41\n');
    });

    it('ends one that prints without end', async () => {
      const stopped = await machine.run('%%ts\nfor (;;) console.log("x".repeat(1000));', { interruptAfter: 1 });
      expect(stopped.failed).toBe(true);
      expect(stopped.seconds).toBeLessThan(3);
      expect(shown(await machine.run('%%ts\nconsole.log(kept);'))).toBe('41\n');
    });
  });

  describe('too much output', () => {
    it('of 100 MB is cut with a note', async () => {
      const printed = await machine.run('%%ts\nconst line = "x".repeat(999);\nfor (let i = 0; i < 100_000; i++) console.log(line);');
      expect(printed.failed).toBe(false);
      expect(printed.seconds).toBeLessThan(60);
      expect(shown(printed).length).toBeLessThan(1_100_000);
      expect(shown(printed)).toContain('[99,000,000 more characters were printed and are not shown');
    }, 90_000);

    it('of a 20 MB figure leaves its plain text and a note', async () => {
      const figure = await machine.run(
        "%%ts\nimport { display } from 'crpbot/notebook/display';\ndisplay({ 'text/html': 'x'.repeat(20_000_000), 'text/plain': 'a large figure' });",
      );
      expect(figure.failed).toBe(false);
      expect(shown(figure)).toBe('a large figure\n[not shown, too large for a notebook: text/html of 20 MB]');
    });
  });

  describe('files of one’s own', () => {
    const input = (choice: string): Promise<RanCell> => machine.run(`from inputs import Inputs\nInputs(ROOT, bootstrap.NODE).${choice}`);

    it('of wrong names: what was found and what is expected', async () => {
      writeFileSync(join(machine.uploads, 'notes.txt'), 'no model');
      const failed = await input('upload()');
      expect(failed.failed).toBe(true);
      expect(shown(failed)).toMatch(/files-missing: no model among what was found: notes\.txt[^]*lstm_BTC_USD_1m_/);
      rmSync(join(machine.uploads, 'notes.txt'));
    });

    it('half uploaded: which, its size and hash', async () => {
      const whole = readFileSync(join(projectRoot, 'models/colab-sample/lstm_ETH-SIM_1m_small.pt'));
      writeFileSync(join(machine.content, 'lstm_ETH-SIM_1m_mine.pt'), whole.subarray(0, 20_000));
      expect(shown(await input('upload()'))).toMatch(/half-uploaded: lstm_ETH-SIM_1m_mine\.pt is not whole: 20,000 bytes, sha256 [\da-f]{16}/);
      writeFileSync(join(machine.content, 'lstm_ETH-SIM_1m_mine.pt'), whole);
    });

    it('are taken to their places, and replace the sample in the settings', async () => {
      writeFileSync(join(machine.content, 'ETH-SIM_1m_2025.csv'), candlesCsv());
      expect(shown(await input('upload()'))).toMatch(/model: lstm_ETH-SIM_1m_mine\.pt, [\d,]+ bytes, sha256/);
      const settings = await machine.run("%%ts\nimport { planEvaluation } from 'crpbot/workflows/evaluation-plan';\nconst mine = readColabInput();\nconsole.log(mine.symbol, planEvaluation(mine).symbols.length);");
      expect(shown(settings)).toBe('ETH-SIM 1\n');
    });
  });

  it('a kernel that dies is reported as such, and the next cell starts a new one', async () => {
    const died = await machine.run("%%ts\nimport { writeSync } from 'node:fs';\nwriteSync(2, 'native library: out of memory\\n');\nprocess.kill(process.pid, 'SIGKILL');\nawait new Promise((resolve) => setTimeout(resolve, 5000));");
    expect(died.failed).toBe(true);
    expect(shown(died)).toMatch(/kernel-died: the TypeScript kernel died \(SIGKILL, usually for lack of memory\)\nnative library: out of memory/);
    expect(shown(await machine.run('%%ts\nconsole.log("new");'))).toContain('this is a new one, without what earlier cells declared');
  });

  it('a second set-up, from a release archive, keeps what is installed', async () => {
    const release = projectFiles(projectRoot).map(({ path, content }) => ({ path: `crpbot-1/${path}`, content }));
    writeFileSync(join(machine.content, 'crpbot-1.tar.gz'), gzipSync(tar(release)));
    const again = await machine.run(FIRST_CELL.replace('SOURCE = ""', 'SOURCE = "crpbot-1.tar.gz"'));
    expect({ failed: again.failed, said: shown(again) }).toMatchObject({ failed: false, said: expect.stringContaining('Packages: already there') as string });
    expect(again.seconds).toBeLessThan(20);
  });

  it.each([
    ['SOURCE = "gone.tar.gz"', /source-unreadable: .*gone\.tar\.gz is not there; here are: .*crpbot/],
    ['SOURCE = "https://127.0.0.1:1/crpbot.tar.gz"', /source-unreadable: https:\/\/127\.0\.0\.1:1\/crpbot\.tar\.gz: .*refused[^]*leave SOURCE empty/],
    ['SOURCE = ""; PROJECT = PROJECT[:400_000]', /archive-damaged: the project in this notebook is not whole \([\d,]+ bytes\)[^]*upload it again/],
  ])('a set-up with %s says what to do', async (change, said) => {
    const failed = await machine.run(FIRST_CELL.replace('SOURCE = ""', change));
    expect(failed.failed).toBe(true);
    expect(shown(failed)).toMatch(said);
    expect(shown(failed)).not.toContain('Traceback');
  });

  it('without a way to npm: three tries, then which file to upload', async () => {
    const failed = await machine.run(`import packages
packages.PAUSES_S = (0, 0)
packages.run = lambda *_, **__: (False, "npm error network request to https://registry.npmjs.org failed")
packages._npm_ci(ROOT)`);
    expect(shown(failed).match(/once more in 0 s: npm error network/g)?.length).toBe(2);
    expect(shown(failed)).toMatch(/npm-failed: [^]*upload crpbot-packages\.tar\.gz/);
  });

  it('a GPU that was asked for and is not there is an error', async () => {
    expect(shown(await machine.run('bootstrap.set_up(ROOT, "required")'))).toMatch(/no-gpu: [^]*Change runtime type/);
  });
});

/** Seconds of a cell under `%%ts`, less those from the kernel's `busy` to its `idle`: the middle of 15. */
const OVERHEAD = `import time
ip = get_ipython()
kernel = ip.magics_manager.registry['TypeScriptMagics'].kernel
receive, dates = kernel._receive, []
def noted(milliseconds):
    for channel, message in receive(milliseconds):
        if message['msg_type'] == 'status':
            dates.append(message['header']['date'])
        yield channel, message
def overhead():
    dates.clear()
    started = time.monotonic()
    ip.run_cell_magic('ts', '', 'kept;')
    return time.monotonic() - started - (dates[-1] - dates[0]).total_seconds()
kernel._receive = noted
spans = sorted(overhead() for _ in range(15))
kernel._receive = receive
print(spans[7])`;

/** Candles of some hours, as a person would upload them. */
function candlesCsv(): string {
  const rows = Array.from({ length: 300 }, (_, minute) => `${Date.UTC(2025, 0, 6) + minute * 60_000},100,101,99,100.5,7`);
  return ['timestamp,open,high,low,close,volume', ...rows].join('\n');
}
