import type { Reporter, TestModule } from 'vitest/node';

/** Says at the end of a run what was skipped and why: `describeWhen` and `describeWithShared` put the reason in the name. */
export default class SkipReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = new Map<string, number>();
    for (const module of modules) {
      for (const test of module.children.allTests('skipped')) {
        const reason = /\(skipped: ([^)]*)\)/.exec(test.fullName)?.[1];
        if (reason !== undefined) counts.set(reason, (counts.get(reason) ?? 0) + 1);
      }
    }
    for (const [reason, count] of counts) process.stdout.write(`${count} ${count === 1 ? 'test' : 'tests'} skipped: ${reason}\n`);
  }
}
