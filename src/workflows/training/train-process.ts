// Runs in a process of its own (train-processes.ts): trains the one model it is told to, and ends.
import { trainModel, type TrainTask } from './train-model.js';
import { failed, replyTo } from './train-processes.js';

const reply = replyTo(process);
const abort = new AbortController();
process.on('SIGTERM', () => abort.abort());
// The terminal's Ctrl-C reaches every process of the group: the parent decides.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => abort.abort());

process.on('message', ({ task }: { readonly task: TrainTask }) => {
  trainModel(task, { signal: abort.signal, onProgress: (event) => reply({ kind: 'progress', event }), onNote: (note) => reply({ kind: 'note', note }), now: Date.now })
    .then(
      (model) => reply({ kind: 'trained', model }),
      (error: unknown) => reply(failed(error)),
    )
    .finally(() => process.exit());
});
