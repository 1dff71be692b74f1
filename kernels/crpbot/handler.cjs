'use strict';
// Answers Jupyter's execute requests in their order, each truly: ok, error (with an error message), or aborted.
const path = require('node:path');
const { Output } = require('./output.cjs');

/** Cells sent together have arrived within this time: those queued behind a failed one are aborted, later ones run. */
const ARRIVAL_MS = 50;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function createHandler(tslab, session, version) {
  const { JupyterHandlerImpl } = require(path.join(tslab, 'dist/jupyter.js'));

  class Handler extends JupyterHandlerImpl {
    #output = new Output();
    #queue = Promise.resolve();
    #arrived = 0;
    #abortedUpTo = 0;
    #count = 0;

    constructor() {
      super(session.executor, false);
    }

    handleKernel() {
      const reply = super.handleKernel();
      const language = { ...reply.language_info, version: version.typescript };
      return { ...reply, status: 'ok', implementation: 'crpbot', implementation_version: version.crpbot, language_info: language, banner: 'TypeScript (crpbot)' };
    }

    createWriteToIopub(name, writeStream) {
      return this.#output.writer(name, writeStream);
    }

    /** `publish`: what goes to every front end while the cell runs: `busy`, `input`, `stream`, `display`, `error`. */
    handleExecute(request, publish) {
      const number = ++this.#arrived;
      const reply = this.#queue.then(() => this.#executeInTurn(number, request, publish));
      this.#queue = reply.catch(() => {});
      return reply;
    }

    async #executeInTurn(number, request, publish) {
      publish.busy();
      if (number <= this.#abortedUpTo) return { status: 'aborted', execution_count: this.#count };
      if (!request.silent && request.store_history !== false) this.#count++;
      const execution_count = this.#count;
      if (!request.silent) publish.input({ code: request.code, execution_count });
      this.#output.flush();
      const display = (content, update) => {
        this.#output.flush();
        publish.display(content, update);
      };
      const failures = await session.run(execution_count, request.code, () => this.handleExecuteImpl(request, publish.stream, display));
      this.#output.flush();
      if (failures.length === 0) return { status: 'ok', execution_count, payload: [], user_expressions: {} };
      const [{ ename, evalue }] = failures;
      const error = { ename, evalue, traceback: failures.flatMap((failure) => failure.traceback) };
      if (!request.silent) publish.error(error);
      if (request.stop_on_error !== false) await this.#abortWaiting();
      return { status: 'error', execution_count, ...error };
    }

    async #abortWaiting() {
      await pause(ARRIVAL_MS);
      this.#abortedUpTo = this.#arrived;
    }

    handleShutdown(request) {
      return { status: 'ok', restart: request.restart === true };
    }
  }
  return new Handler();
}

module.exports = { createHandler };
