/**
 * The arrows of the house: data flows one way,
 * tables -> candles -> features -> datasets -> engines(models) -> evaluation -> training -> report -> notebook -> storage -> workflows -> cli.
 * A folder may import from itself, from what stands before it, and from the few files directly under src.
 */
const flow = ['tables', 'candles', 'features', 'datasets', 'models', 'engines', 'evaluation', 'training', 'report', 'notebook', 'storage', 'workflows', 'cli'];
const later = (index) => flow.slice(index + 1).join('|');

module.exports = {
  forbidden: [
    ...flow.slice(0, -1).map((folder, index) => ({
      name: `${folder}-looks-forward`,
      comment: `src/${folder} must not know what comes after it`,
      severity: 'error',
      from: { path: `^src/${folder}/` },
      to: { path: `^src/(${later(index)})/` },
    })),
    { name: 'models-are-data', comment: 'a model is data: it knows neither candles nor what runs it', severity: 'error', from: { path: '^src/models/' }, to: { path: '^src/(candles|datasets|engines)/' } },
    { name: 'evaluation-is-pure', comment: 'evaluation computes from arrays: no model, no engine, no file', severity: 'error', from: { path: '^src/evaluation/' }, to: { path: '^(src/(models|engines|tables)/|fs$|node:fs)' } },
    { name: 'causal-knows-no-legacy', comment: 'the causal kernels know nothing of the leaky alignments', severity: 'error', from: { path: '^src/features/(indicators/|multi-timeframe/|v3/|streaming/|v1-31\\.ts|v2-50\\.ts)' }, to: { path: '^src/features/legacy/' } },
    { name: 'storage-knows-only-bytes', comment: 'a bucket takes files: what is in them is not its business', severity: 'error', from: { path: '^src/storage/' }, to: { path: '^src/(tables|candles|features|datasets|models|engines|evaluation|training|report|notebook)/' } },
    { name: 'root-imports-nothing', comment: 'errors, progress and atomic files stand below everything', severity: 'error', from: { path: '^src/[^/]+\\.ts$' }, to: { path: '^src/[^/]+/' } },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, pathNot: '^src/cli/main\\.ts$' }, to: {} },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js'], exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default'] },
  },
};
