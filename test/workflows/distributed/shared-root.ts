import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, vi } from 'vitest';
import { projectRoot } from '../../support/requirements.js';
import type { RunningProcess } from './processes.js';

/**
 * Gives each test of the block an empty folder that this process and its workers share, as the current one. Whatever it
 * adds to `started` is killed when it ends.
 */
export function useSharedRoot(): { readonly root: string; readonly started: RunningProcess[] } {
  const shared = { root: '', started: [] as RunningProcess[] };
  let home: string;
  beforeEach(() => {
    home = process.cwd();
    vi.stubEnv('CRPBOT_ROOT', projectRoot);
    shared.root = mkdtempSync(join(tmpdir(), 'crpbot-root-'));
    shared.started = [];
    process.chdir(shared.root);
  });
  afterEach(async () => {
    await Promise.all(shared.started.map((each) => each.end('SIGKILL')));
    process.chdir(home);
    vi.unstubAllEnvs();
    rmSync(shared.root, { recursive: true, force: true });
  });
  return shared;
}
