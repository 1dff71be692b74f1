'use strict';
const { writeSync } = require('node:fs');
const { inspect } = require('node:util');

/**
 * Failures that nobody waited for (a promise left alone, a throw in a timer), and `process.exit`, which would end the
 * kernel: both become errors of the cell that is running, or of the next one.
 */
function watchBackground() {
  /** Reasons of cells that were told to stop: their work failing with it is no news. */
  const expected = new WeakSet();
  let cell = 0;
  let failures = [];

  const notice = (error) => {
    if (typeof error === 'object' && error !== null && expected.has(error)) return;
    if (cell === 0) writeSync(2, `crpbot kernel: ${inspect(error)}\n`);
    else failures.push({ error, cell });
  };
  process.on('unhandledRejection', notice);
  process.on('uncaughtException', notice);

  const exit = process.exit.bind(process);
  process.exit = (code) => {
    throw new Error(`process.exit(${code ?? ''}) in a notebook: throw an error instead, or restart the kernel`);
  };

  return {
    exit,
    expect: (reason) => expected.add(reason),
    cellStarts: (count) => {
      cell = count;
    },
    /** What failed since the last call: `[{ error, cell }]`, the cell being the newest one then. */
    take: () => {
      const taken = failures;
      failures = [];
      return taken;
    },
  };
}

module.exports = { watchBackground };
