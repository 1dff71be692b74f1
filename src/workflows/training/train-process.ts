// Runs in a process of its own (train-processes.ts): trains the one model it is told to, and ends.
import { trainModel } from './train-model.js';
import { failed, replyTo, type TrainRequest } from './train-processes.js';

const reply = replyTo(process);
const abort = new AbortController();
process.on('SIGTERM', () => abort.abort());
// The terminal's Ctrl-C reaches every process of the group: the parent decides.
process.on('SIGINT', () => undefined);
// Also when the parent was killed: the state of the last epoch is written, and whoever does the task next goes on there.
process.on('disconnect', () => abort.abort());

process.on('message', ({ task, lockPatienceMs }: TrainRequest) => {
  trainModel(task, { signal: abort.signal, onProgress: (event) => void reply({ kind: 'progress', event }), onNote: (note) => void reply({ kind: 'note', note }), now: Date.now, lockPatienceMs })
    .then(
      (model) => reply({ kind: 'trained', model }),
      (error: unknown) => reply(failed(error)),
    )
    .finally(() => process.exit());
});
