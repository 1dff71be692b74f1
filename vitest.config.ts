import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', './test/support/skip-reporter.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Native libraries (polars, ONNX Runtime) are loaded once a process: processes, not threads.
    pool: 'forks',
    maxWorkers: 2,
    // Times are UTC in every output; a developer's zone must not change a test.
    env: { TZ: 'UTC' },
  },
});
