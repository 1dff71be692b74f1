'use strict';
const path = require('node:path');
const { Worker, isMainThread, workerData } = require('node:worker_threads');

const EVERY_MS = 1000;

/**
 * Ends this process when the one that started it is gone: an orphaned kernel would keep its memory and the GPU's.
 * A thread watches, so that a cell busy in synchronous work ends too.
 */
function exitWithParent() {
  new Worker(path.join(__dirname, 'parent-watch.cjs'), { workerData: { parent: process.ppid }, execArgv: [] }).unref();
}

if (!isMainThread && workerData !== null && typeof workerData.parent === 'number') {
  setInterval(() => {
    if (process.ppid !== workerData.parent || !alive(workerData.parent)) process.kill(process.pid, 'SIGKILL');
  }, EVERY_MS);
}

function alive(id) {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

module.exports = { exitWithParent };
