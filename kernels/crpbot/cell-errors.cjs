'use strict';
// What a failed cell shows: the error's name, its message, and the line of TypeScript it came from.
const { SourceMap } = require('node:module');
const util = require('node:util');

const red = (text) => `\u001b[31m${text}\u001b[39m`;
/** The line that makes a cell a module, before its first. */
const ADDED_LINES = 1;
const CELL_POSITION = /crpbot-cell-(\d+)\.ts:(\d+):(\d+)/;
const HIDDEN_FRAMES = /node:internal|\(node:vm|node:vm:|kernels[\\/]crpbot[\\/](node_modules[\\/]tslab|[\w-]+\.cjs)/;

/** The cells that ran, by their number: their code, and how to get back from compiled positions to it. */
class Cells {
  #cells = new Map();

  /**
   * Remembers a cell. Returns its compiled code under a name of its own, so that stack frames can be told apart.
   * `prefix`: how many characters tslab puts before it.
   */
  add(count, code, compiled, maps, prefix) {
    // As JSON: read only if something fails, a map takes twenty times the memory, and every cell that ever ran has one.
    this.#cells.set(count, { code, lines: compiled.split('\n').length, maps: maps?.map((map) => JSON.stringify(map)), prefix });
    return `${compiled}\n//# sourceURL=crpbot-cell-${count}.ts\n`;
  }

  /** Compiled line and column (1-based) to the cell's own, undefined where nothing corresponds. */
  #position(count, line, column) {
    const cell = this.#cells.get(count);
    if (cell?.maps === undefined || line > cell.lines) return undefined;
    let at = { line: line - 1, column: column - 1 - (line === 1 ? cell.prefix : 0) };
    for (const map of cell.maps) {
      const entry = new SourceMap(JSON.parse(map)).findEntry(at.line, Math.max(0, at.column));
      if (entry.originalLine === undefined) return undefined;
      at = { line: entry.originalLine, column: entry.originalColumn };
    }
    return { line: at.line + 1 - ADDED_LINES, column: at.column + 1 };
  }

  /** A stack with positions in cells, without the kernel's own frames. `first`: the newest position in a cell. */
  translate(stack) {
    let first;
    const text = stack
      .split('\n')
      .filter((line) => !HIDDEN_FRAMES.test(line))
      .flatMap((line) => {
        const plain = line.replace(/\bat Proxy\./, 'at ').replaceAll(`${process.cwd()}/`, '');
        const [whole, count, row, column] = CELL_POSITION.exec(plain) ?? [];
        if (whole === undefined) return [plain];
        const position = this.#position(Number(count), Number(row), Number(column));
        // The call that starts the cell's code, behind it, has no line of its own.
        if (position === undefined) return [];
        first ??= { count: Number(count), ...position };
        return [plain.replace(whole, `cell [${count}], line ${position.line}:${position.column}`)];
      })
      .join('\n');
    return { text, first };
  }

  frame(position) {
    const cell = this.#cells.get(position.count);
    return cell === undefined ? '' : codeFrame(cell.code, position.line, position.column);
  }
}

/** The line with one before and one after, and a caret. */
function codeFrame(code, line, column) {
  const lines = code.split('\n');
  const width = String(Math.min(line + 1, lines.length)).length;
  const shown = [];
  for (let number = Math.max(1, line - 1); number <= Math.min(lines.length, line + 1); number++) {
    shown.push(`${number === line ? '>' : ' '} ${String(number).padStart(width)} | ${lines[number - 1]}`);
    if (number === line) shown.push(`  ${' '.repeat(width)} | ${' '.repeat(Math.max(0, column - 1))}^`);
  }
  return shown.join('\n');
}

/** The compiler's complaints as one error. Lines that only explain the one before (no place of their own) stay with it. */
function compilerError(diagnostics, count, code) {
  const messages = [];
  for (const diagnostic of diagnostics) {
    const { line, character } = diagnostic.start;
    const place = `${diagnostic.fileName ?? ''}:${line}:${character}`;
    const last = messages.at(-1);
    const explains = last !== undefined && diagnostic.fileName === undefined && last.line === line && last.character === character;
    if (explains) last.text += `\n  ${diagnostic.messageText}`;
    else messages.push({ place, line, character, file: diagnostic.fileName, code: diagnostic.code, text: diagnostic.messageText });
  }
  if (isForPython(code)) return WRONG_KERNEL;
  const where = ({ file, line, character }) => `${file ?? `cell [${count}]`}, line ${line + 1}:${character + 1}`;
  const [first] = messages;
  return {
    ename: 'TypeScriptError',
    evalue: `${where(first)} - ${first.text.split('\n')[0]}`,
    traceback: messages.flatMap((message) => [
      `${red('TypeScriptError')}: ${message.text} (TS${message.code})`,
      `    at ${where(message)}`,
      ...(message.file === undefined ? [codeFrame(code, message.line + 1, message.character + 1)] : []),
    ]),
  };
}

/** A cell that does not compile and is a magic, a shell command, or plainly Python. */
const isForPython = (code) => /^\s*(%{1,2}[a-z]|!\s*[\w./])/i.test(code) || /^(from [\w.]+ import .+|import [\w.]+( as \w+)?|def \w+\(.*\).*:)\s*$/m.test(code);

const WRONG_KERNEL = {
  ename: 'WrongKernel',
  evalue: 'this cell is Python’s, and the kernel is "TypeScript (crpbot)"',
  traceback: [
    `${red('WrongKernel')}: this cell is Python’s, and the kernel is "TypeScript (crpbot)"`,
    '    hint: Kernel > Change Kernel > Python 3; the notebooks of colab/ run on it, those of notebooks/ on this one',
  ],
};

/** Anything thrown, as an error of the cell. `note` says where it came from when that is not plain. */
function thrownError(error, cells, note) {
  const heading = (name, text) => `${red(name)}: ${text}${note === undefined ? '' : ` (${note})`}`;
  if (!util.types.isNativeError(error) && typeof error?.stack !== 'string') {
    const shown = util.inspect(error);
    return { ename: 'UncaughtValue', evalue: shown, traceback: [heading('UncaughtValue', shown)] };
  }
  const name = String(error.name);
  const message = String(error.message);
  const { text, first } = cells.translate(String(error.stack));
  const at = first === undefined ? [] : [`    at cell [${first.count}], line ${first.line}:${first.column}`, cells.frame(first)];
  if (isExpected(error)) return { ename: name, evalue: message, traceback: [heading(`${name} (${error.code})`, message), ...expectation(error), ...at] };
  const frames = text.split('\n').filter((line) => /^\s+at /.test(line));
  const cause = error.cause === undefined ? [] : [`cause: ${cells.translate(util.inspect(error.cause)).text}`];
  return { ename: name, evalue: message, traceback: [heading(name, message), ...frames, ...cause, ...(first === undefined ? [] : [cells.frame(first)])] };
}

/** The project's own errors say what, where and what to do: no stack is needed. */
const isExpected = (error) => typeof error.code === 'string' && 'hint' in error && 'place' in error;

function expectation({ place, hint }) {
  const lines = [];
  if (place !== undefined) lines.push(`    where: ${Object.entries(place).map(([key, value]) => `${key} ${value}`).join(', ')}`);
  if (hint !== undefined) lines.push(`    hint: ${hint}`);
  return lines;
}

const INTERRUPTED = {
  ename: 'KeyboardInterrupt',
  evalue: 'the cell was interrupted',
  traceback: [`${red('KeyboardInterrupt')}: the cell was interrupted; what it declared is lost, what earlier cells declared is kept`],
};

module.exports = { Cells, compilerError, thrownError, INTERRUPTED };
