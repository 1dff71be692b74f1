'use strict';
// Runs one cell at a time and says what failed in it.
const path = require('node:path');
const { Cells, compilerError, thrownError, INTERRUPTED } = require('./cell-errors.cjs');
const { Compiled } = require('./converter.cjs');

/** How long a cell that was told to stop may take to put things in order. */
const GRACE_MS = 1000;
/** What tslab puts before a cell's code, on its first line. */
const PREFIX = { plain: '(function(exports, require) { '.length, awaiting: '(async function(exports, require) { '.length };

/** Resolves when the cell is told to stop. */
const stopped = (cell) => new Promise((resolve) => cell.abort.signal.addEventListener('abort', resolve, { once: true }));
const turn = () => new Promise((resolve) => setImmediate(resolve));

function createSession(root, tslab, converter, background) {
  const { createExecutor } = require(path.join(tslab, 'dist/executor.js'));
  const cells = new Cells();
  /** What tslab's executor would only print. */
  let thrown = [];
  let current;

  const executor = createExecutor(root, { node: { ...converter, convert }, close: () => converter.close() }, {
    log: (...values) => console.log(...values),
    error: (...values) => {
      // More than one value is the compiler's, which the converter keeps whole.
      if (values.length === 1) thrown.push(values[0]);
    },
  });

  /** Names a cell's code by its number, for its errors. */
  function convert(previousDeclarations, code) {
    const result = converter.convert(previousDeclarations, code);
    if (!result.output) return result;
    const prefix = result.hasToplevelAwait ? PREFIX.awaiting : PREFIX.plain;
    return { ...result, output: cells.add(current.count, current.code, result.output, converter.maps(), prefix) };
  }

  async function execute(code) {
    for (;;) {
      try {
        return await executor.execute(code);
      } catch (error) {
        if (!(error instanceof Compiled)) throw error;
        // A package that loads slowly goes on loading; the cell does not wait for it.
        await Promise.race([error.load(), stopped(current)]);
        // An interrupt that came while the compiler was busy would be lost once the code runs: let it arrive.
        await turn();
        await turn();
        if (current.interrupted) throw INTERRUPTED;
      }
    }
  }

  /** Runs cell `count`, `start` beginning it. Returns its failures, none when it went well. */
  async function run(count, code, start) {
    thrown = [];
    converter.reset();
    background.cellStarts(count);
    const cell = { count, code, abort: new globalThis.AbortController(), listening: false, interrupted: false };
    current = cell;
    try {
      await start();
    } catch (error) {
      // tslab throws the cell's number for a failure it has already told.
      if (typeof error?.count !== 'number') thrown.push(error);
    }
    // A promise rejected with nobody waiting is reported once the event loop turns.
    await turn();
    await turn();
    current = undefined;
    return failures(cell);
  }

  function failures(cell) {
    const found = thrown.map((error) => {
      if (!isInterruption(error, cell)) return thrownError(error, cells);
      stop(cell);
      return INTERRUPTED;
    });
    const complaints = converter.diagnostics();
    if (complaints.length > 0) found.unshift(compilerError(complaints, cell.count, cell.code));
    for (const { error, cell: since } of background.take()) {
      found.push(thrownError(error, cells, `in the background, awaited by nobody; noticed in or after cell [${since}]`));
    }
    return found;
  }

  const isInterruption = (error, cell) =>
    error === INTERRUPTED || error?.code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED' || error?.message === 'Interrupted asynchronously' || (cell.interrupted && error?.name === 'AbortError');

  /** Tells whatever the cell started to stop. */
  function stop(cell) {
    if (cell.abort.signal.aborted) return;
    cell.abort.abort();
    background.expect(cell.abort.signal.reason);
  }

  return {
    /** tslab's executor, its `execute` waiting for packages. */
    executor: { ...executor, execute },
    run,
    /** The running cell is told by its signal; one that does not listen, or not within a second, is left behind. */
    interrupt: () => {
      const cell = current;
      if (cell === undefined) return;
      cell.interrupted = true;
      stop(cell);
      const leave = () => current === cell && executor.interrupt();
      setTimeout(leave, cell.listening ? GRACE_MS : 0);
    },
    /** Fires when the running cell is interrupted or the kernel ends; already fired when no cell runs. */
    signal: () => {
      if (current === undefined) return globalThis.AbortSignal.abort();
      current.listening = true;
      return current.abort.signal;
    },
    end: () => {
      if (current !== undefined) stop(current);
    },
  };
}

module.exports = { createSession };
