import { checkpointTarget } from './checkpoint.js';
import { csvTarget } from './csv.js';
import { parquetTarget } from './parquet.js';
import type { FuzzTarget } from './target.js';

export const targets: readonly FuzzTarget[] = [checkpointTarget, csvTarget, parquetTarget];
