import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { writeTextAtomically } from '../atomic-file.js';
import { InputError } from '../errors.js';
import { projectRoot } from '../project-root.js';
import { archiveOf, colabNotebook } from './colab/colab-notebook.js';
import type { Notebook } from './colab/notebook-file.js';
import { notebookText } from './colab/notebook-file.js';
import { projectFiles } from './colab/project-files.js';
import { tar } from './colab/tar.js';

export interface ColabOptions {
  readonly projectRoot?: string;
  /** Folder of the notebooks that are written, default `colab`. */
  readonly out?: string | undefined;
  /** Write nothing, only say which are out of step. */
  readonly check?: boolean | undefined;
}

export interface ColabFile {
  readonly file: string;
  readonly bytes: number;
  /** Whether the file that was there said the same. */
  readonly inStep: boolean;
}

/**
 * Writes the Colab form of each notebook: one file that carries the project. What is in step already is left alone.
 * @throws InputError `notebook-unreadable`, `cannot-write`
 * @throws SetupError `project-incomplete`
 */
export function writeColabNotebooks(options: ColabOptions = {}): ColabFile[] {
  const { projectRoot: root = projectRoot(), check = false } = options;
  const out = options.out ?? join(root, 'colab');
  const project = tar(projectFiles(root));
  const archive = gzipSync(project, { level: 9 });
  const names = readdirSync(join(root, 'notebooks')).filter((name) => name.endsWith('.ipynb')).sort();
  if (!check) mkdirSync(out, { recursive: true });
  return names.map((name) => {
    const source = readNotebook(join(root, 'notebooks', name));
    const file = join(out, name);
    const earlier = existsSync(file) ? readNotebook(file) : undefined;
    const inStep = earlier !== undefined && says(earlier, name, source, project, root);
    const text = inStep ? notebookText(earlier) : notebookText(colabNotebook(name, source, archive, root));
    if (!inStep && !check) writeTextAtomically(file, text);
    return { file, bytes: Buffer.byteLength(text), inStep };
  });
}

/** Another version of zlib packs the same project into other bytes: what is compared is what comes out of them. */
function says(earlier: Notebook, name: string, source: Notebook, project: Uint8Array, root: string): boolean {
  const packed = archiveOf(earlier);
  if (packed === undefined) return false;
  try {
    if (!gunzipSync(packed).equals(project)) return false;
  } catch {
    return false;
  }
  return notebookText(earlier) === notebookText(colabNotebook(name, source, packed, root));
}

function readNotebook(file: string): Notebook {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Notebook;
  } catch (cause) {
    throw new InputError('this is not a notebook', { code: 'notebook-unreadable', place: { file }, hint: 'restore it from the repository', cause });
  }
}
