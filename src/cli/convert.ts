import { Command } from 'commander';
import { ALIGNMENTS } from '../features/feature-set.js';
import { convertModel, type Converted, type ConvertOptions } from '../workflows/convert.js';
import { loadFeatureSet } from '../workflows/load-feature-set.js';
import { MODEL_FORMATS } from '../workflows/training/write-model.js';
import { choice, onePath, wholeNumber } from './option-values.js';
import { EXIT } from './print-error.js';
import { openSession } from './session.js';

interface Flags extends ConvertOptions {
  readonly json?: boolean;
}

/** `crpbot convert`: a checkpoint to safetensors with a manifest, to PyTorch's format, or to ONNX. */
export function convertCommand(finish: (status: number) => void): Command {
  return new Command('convert')
    .description('Write a model in another format. What is told of it goes into the new file; what is not told stays open.')
    .argument('<model>', 'a .pt or .safetensors file')
    .addOption(choice('--to <format>', 'what to write', MODEL_FORMATS).makeOptionMandatory())
    .option('--out <file>', 'the file to write (default: beside the model, with the new ending; a file of that name is replaced)', onePath)
    .option('--feature-set <name>', 'what the model reads: a set’s name, or a file of your own, ./my-features.ts', onePath)
    .addOption(choice('--alignment <name>', 'with which alignment it was trained', ALIGNMENTS))
    .option('--window-length <n>', 'rows a window', wholeNumber(1))
    .addOption(choice('--window-mode <name>', 'where a window ends', ['repo', 'notebook']))
    .option('--horizon <n>', 'rows from decision to outcome', wholeNumber(1))
    .addOption(choice('--head <name>', 'read the LSTM with this head', ['final-hidden', 'last-step']))
    .option('--heads <n>', 'attention heads of a Transformer', wholeNumber(1))
    .option('--json', 'print what was written as JSON')
    .action(async (model: string, { json, ...options }: Flags) => {
      const session = openSession(json === true);
      try {
        const own = options.featureSet === undefined ? undefined : await loadFeatureSet(options.featureSet);
        const written = convertModel(model, { ...options, featureSet: own?.set.name });
        session.print(`${written.file}  ${written.description}`);
        if (written.replaced) session.note(`note: ${written.file} was there before, and was replaced`);
        for (const name of written.open) session.note(notTold(name));
        if (json === true) session.printJson(written);
        finish(EXIT.ok);
      } finally {
        session.close();
      }
    });
}

/** `windowMode` as its option, `--window-mode`. */
function notTold(name: Converted['open'][number]): string {
  if (name === 'scaler') return 'not in the model and not told by any option: scaler; an evaluation fits one on the training rows of its data';
  return `not told, so not in the file: --${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
