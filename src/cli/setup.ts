import { Command, Option } from 'commander';
import { setupGpu } from '../workflows/setup-gpu.js';
import { setupJupyter } from '../workflows/setup-jupyter.js';
import { setupTensorFlow } from '../workflows/setup-tensorflow.js';
import { EXIT } from './print-error.js';
import { openSession, type Session } from './session.js';

interface Flags {
  readonly python?: string;
  readonly sysPrefix?: boolean;
  readonly user?: boolean;
  readonly json?: boolean;
}

/** `crpbot setup`: what the project can use beyond npm, installed and proved. */
export function setupCommand(finish: (status: number) => void): Command {
  const run = async (json: boolean | undefined, work: (session: Session) => Promise<unknown>): Promise<void> => {
    const session = openSession(json === true);
    try {
      const result = await work(session);
      if (json === true) session.printJson(result);
      finish(EXIT.ok);
    } finally {
      session.close();
    }
  };
  const control = (session: Session) => ({ signal: session.control.signal, onLine: (line: string) => session.note(line) });

  const jupyter = new Command('jupyter')
    .description('Install Jupyter and the TypeScript kernel for the notebooks, and prove it by running a cell.')
    .option('--python <command>', 'a Python 3.10 or newer (default: python3)')
    .addOption(new Option('--sys-prefix', 'into the environment of --python, such as an active conda environment (default: into .venv of the project)').conflicts('user'))
    .option('--user', 'the kernel for every Jupyter and VS Code of this user')
    .option('--json', 'print what was installed as JSON')
    .action(({ json, python, sysPrefix, user }: Flags) =>
      run(json, async (session) => {
        const location = sysPrefix === true ? 'sys-prefix' : user === true ? 'user' : 'venv';
        const setup = await setupJupyter({ location, ...(python !== undefined && { python }), ...control(session) });
        session.print(`Ready. Open the notebooks with: ${setup.open}`);
        return setup;
      }),
    );
  const tensorflow = new Command('tensorflow')
    .description('Find TensorFlow or install it into .venv, compile the binding that Node.js reaches it through, and prove it.')
    .option('--python <command>', 'look in this Python only; where it has no TensorFlow, make .venv with it')
    .option('--json', 'print what was found as JSON')
    .action(({ json, python }: Flags) =>
      run(json, async (session) => {
        const setup = await setupTensorFlow({ ...(python !== undefined && { python }), ...control(session) });
        const what = setup.devices.length === 0 ? '' : ` (${setup.devices.join('; ')})`;
        session.print(`Ready. TensorFlow ${setup.version} computes on the ${setup.device === 'gpu' ? 'GPU' : 'CPU'}${what}.`);
        return setup;
      }),
    );
  const gpu = new Command('gpu')
    .description('Fetch ONNX Runtime’s CUDA provider, for evaluation on a GPU, and prove it against the CPU.')
    .option('--json', 'print what was found as JSON')
    .action(({ json }: Flags) =>
      run(json, async (session) => {
        const setup = await setupGpu(control(session));
        session.print(`Ready. ONNX Runtime computes on ${setup.gpus.join('; ')} (${setup.engine}).`);
        return setup;
      }),
    );
  const setup = new Command('setup').description('Install what the project can use beyond npm.');
  for (const command of [jupyter, tensorflow, gpu]) setup.addCommand(command.exitOverride());
  return setup;
}
