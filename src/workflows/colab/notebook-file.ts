/** A notebook as Jupyter writes it (nbformat 4.5), of what is read and written here. */
export interface Notebook {
  readonly nbformat: 4;
  readonly nbformat_minor: 5;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly cells: readonly Cell[];
}

export type Cell = MarkdownCell | CodeCell;

export interface MarkdownCell {
  readonly cell_type: 'markdown';
  readonly id: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Lines, each with its line end. */
  readonly source: readonly string[];
}

export interface CodeCell {
  readonly cell_type: 'code';
  readonly id: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly source: readonly string[];
  readonly outputs: readonly [];
  readonly execution_count: null;
}

/** Jupyter writes lines; other programs a single text. */
export const cellText = ({ source }: Cell): string => [source].flat().join('');

const lines = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

export function markdownCell(id: string, text: string): MarkdownCell {
  return { cell_type: 'markdown', id, metadata: {}, source: lines(text) };
}

/** `form`: Colab shows the cell's title and fields, and hides its code. */
export function codeCell(id: string, text: string, { form = false } = {}): CodeCell {
  return { cell_type: 'code', id, metadata: form ? { cellView: 'form' } : {}, source: lines(text), outputs: [], execution_count: null };
}

export function notebookText(notebook: Notebook): string {
  return `${JSON.stringify(notebook, null, 1)}\n`;
}
