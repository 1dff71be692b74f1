// Starts a TypeScript module of this project in a worker thread: `workerData.module` is its path.
import { pathToFileURL } from 'node:url';
import { workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
await import(pathToFileURL(workerData.module).href);
