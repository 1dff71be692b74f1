import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cell, Notebook } from './notebook-file.js';
import { cellText, codeCell, markdownCell } from './notebook-file.js';

/** Characters a line of the archive: a browser's editor is slow with one of a million. */
const LINE = 4000;

const HOW_TO = `**On Colab:** Runtime > Change runtime type > T4 GPU (or leave it: everything works without one), then Runtime > Run all. Nothing to
type, no restart. Every cell after the set-up that begins with \`%%ts\` is TypeScript. The guide is \`COLAB_EVALUATION.md\`.
`;

const COLAB_SETTINGS = `import { readColabInput } from 'crpbot/notebook/colab-input';

Object.assign(settings, readColabInput());
settings
`;

/**
 * The Colab form of a notebook: a Python notebook that carries the project, sets it up, and runs the same cells through
 * \`%%ts\`. \`archive\`: the project, tar.gz.
 */
export function colabNotebook(name: string, notebook: Notebook, archive: Uint8Array, projectRoot: string): Notebook {
  const python = (file: string): string => readFileSync(join(projectRoot, 'kernels/colab', file), 'utf8').trimEnd();
  const [title, ...cells] = notebook.cells;
  const settings = cells.find(({ id }) => id === 'settings');
  const reads = settings !== undefined && /^\s+(candles|models):/m.test(cellText(settings));
  const evaluates = cells.some((cell) => cell.cell_type === 'code' && /'crpbot\/workflows\/(evaluate|compare[\w-]*|training\/retrain)'/.test(cellText(cell)));
  const input = settings !== undefined && /^\s+models:/m.test(cellText(settings)) ? python('input_cell.py') : python('input_cell.py').replace('bootstrap.NODE)', 'bootstrap.NODE, needs_models=False)');
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {
      accelerator: 'GPU',
      colab: { name, provenance: [], gpuType: 'T4' },
      kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' },
      language_info: { name: 'python' },
    },
    cells: [
      ...(title === undefined ? [] : [title]),
      markdownCell('colab-how-to', HOW_TO),
      codeCell('colab-project', projectCell(archive), { form: true }),
      codeCell('colab-set-up', python('first_cell.py'), { form: true }),
      ...(reads ? [codeCell('colab-input', input, { form: true })] : []),
      ...cells.flatMap((cell): Cell[] => (reads && cell.id === 'settings' ? [typeScript(cell), codeCell('colab-settings', `%%ts\n${COLAB_SETTINGS}`.trimEnd())] : [typeScript(cell)])),
      ...(evaluates ? [codeCell('colab-download', python('download_cell.py'), { form: true })] : []),
    ],
  };
}

function typeScript(cell: Cell): Cell {
  return cell.cell_type === 'markdown' ? cell : codeCell(cell.id, `%%ts\n${cellText(cell)}`);
}

function projectCell(archive: Uint8Array): string {
  const text = Buffer.from(archive).toString('base64').match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  const hash = createHash('sha256').update(archive).digest('hex');
  // By the import the TypeScript kernel knows Python, and says WrongKernel.
  return `#@title The project itself, packed (nothing to read here)\nimport base64\nPROJECT_SHA256 = "${hash}"\nPROJECT = """\n${text.join('\n')}\n"""`;
}

/** The archive in a Colab notebook, undefined where it holds none. */
export function archiveOf(notebook: Notebook): Uint8Array | undefined {
  const cell = notebook.cells.find(({ id }) => id === 'colab-project');
  const text = cell === undefined ? undefined : /"""([^"]+)"""/.exec(cellText(cell))?.[1];
  return text === undefined ? undefined : Buffer.from(text.replaceAll('\n', ''), 'base64');
}
