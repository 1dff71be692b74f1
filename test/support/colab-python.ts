import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from './requirements.js';

/** What a person has around a Colab notebook: the folder it runs in, their Drive, the files they choose, what they downloaded. */
export interface ColabFolders {
  readonly content: string;
  readonly drive: string;
  readonly uploads: string;
  readonly downloads: string;
  /** The project, as the set-up cell puts it. */
  readonly root: string;
}

export interface Said {
  readonly text: string;
  /** Of the error that ended it: `half-uploaded`. */
  readonly code: string | undefined;
}

/** `kernels/colab` without a notebook: plain Python with the stand-in for `google.colab`, in folders of its own. */
export interface ColabPython extends ColabFolders {
  /** Runs Python in which `inputs`, `root`, `node` and `content` are there. */
  run(code: string, environment?: Readonly<Record<string, string>>): Promise<Said>;
  close(): void;
}

export function openColabPython(): ColabPython {
  const folder = mkdtempSync(join(tmpdir(), 'crpbot-colab-python-'));
  const [content, drive, uploads, downloads] = ['content', 'drive', 'uploads', 'downloads'].map((name) => join(folder, name)) as [string, string, string, string];
  const root = join(content, 'crpbot');
  for (const each of [drive, uploads, downloads, root]) mkdirSync(each, { recursive: true });
  for (const name of ['bin', 'src', 'node_modules', 'package.json']) symlinkSync(join(projectRoot, name), join(root, name));
  return {
    content, drive, uploads, downloads, root,
    run: (code, environment = {}) =>
      new Promise((resolve) => {
        const env = {
          PATH: process.env.PATH ?? '', HOME: folder, AWS_EC2_METADATA_DISABLED: 'true',
          PYTHONDONTWRITEBYTECODE: '1', PYTHONPATH: [join(projectRoot, 'kernels/colab'), join(projectRoot, 'test/notebooks/colab')].join(':'),
          COLAB_DRIVE: drive, COLAB_UPLOADS: uploads, COLAB_DOWNLOADS: downloads, COLAB_ROOT: root, COLAB_NODE: process.execPath, COLAB_CODE: code, ...environment,
        };
        execFile('python3', ['-c', AROUND], { cwd: content, env, timeout: 60_000 }, (_, stdout, stderr) => resolve({ text: stdout + stderr, code: /^failed ([a-z-]+):/m.exec(stdout)?.[1] }));
      }),
    close: () => rmSync(folder, { recursive: true }),
  };
}

const AROUND = `import os, pathlib
from explained import Explained
from inputs import Inputs
root, node = pathlib.Path(os.environ['COLAB_ROOT']), os.environ['COLAB_NODE']
content, inputs = root.parent, Inputs(root, node)
try:
    exec(os.environ['COLAB_CODE'])
except Explained as error:
    print(f'failed {error.code}: {error}\\nWhat to do: {error.hint}')`;
