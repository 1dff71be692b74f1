// `crpbot worker` with the jobs of the tests, or with crpbot's own: launch-worker.ts own|count ARGUMENT ...
import { join } from 'node:path';
import { workerCommand } from '../../../src/cli/worker.js';
import { printError } from '../../../src/cli/print-error.js';

const [kinds, ...argv] = process.argv.slice(2);
const kindsModule = kinds === 'count' ? join(process.env.CRPBOT_ROOT!, 'test/workflows/distributed/count-kinds.ts') : undefined;
workerCommand((status) => (process.exitCode = status), kindsModule)
  .parseAsync(argv, { from: 'user' })
  .catch((error: unknown) => (process.exitCode = printError(error, { json: false, debug: false })));
