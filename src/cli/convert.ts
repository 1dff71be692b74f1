import { Command } from 'commander';
import { ALIGNMENTS } from '../features/feature-set.js';
import { FEATURE_SET_NAMES } from '../features/feature-sets.js';
import { convertModel, TARGET_FORMATS, type Converted, type ConvertOptions } from '../workflows/convert.js';
import { choice, onePath, wholeNumber } from './option-values.js';
import { EXIT } from './print-error.js';
import { openSession } from './session.js';

interface Flags extends ConvertOptions {
  readonly json?: boolean;
}

/** `crpbot convert`: a checkpoint to safetensors with a manifest, or to ONNX. */
export function convertCommand(finish: (status: number) => void): Command {
  return new Command('convert')
    .description('Write a model in another format. What is told of it goes into the new file; what is not told stays open.')
    .argument('<model>', 'a .pt or .safetensors file')
    .addOption(choice('--to <format>', 'what to write', TARGET_FORMATS).makeOptionMandatory())
    .option('--out <file>', 'the file to write (default: beside the model, with the new ending)', onePath)
    .addOption(choice('--feature-set <name>', 'what the model reads', FEATURE_SET_NAMES))
    .addOption(choice('--alignment <name>', 'with which alignment it was trained', ALIGNMENTS))
    .option('--window-length <n>', 'rows a window', wholeNumber(1))
    .addOption(choice('--window-mode <name>', 'where a window ends', ['repo', 'notebook']))
    .option('--horizon <n>', 'rows from decision to outcome', wholeNumber(1))
    .addOption(choice('--head <name>', 'read the LSTM with this head', ['final-hidden', 'last-step']))
    .option('--heads <n>', 'attention heads of a Transformer', wholeNumber(1))
    .option('--json', 'print what was written as JSON')
    .action((model: string, { json, ...options }: Flags) => {
      const session = openSession(json === true);
      try {
        const written = convertModel(model, options);
        session.print(`${written.file}  ${written.description}`);
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
