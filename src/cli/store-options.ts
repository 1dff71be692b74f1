import type { Command } from 'commander';
import { TemporaryError } from '../errors.js';

/** How to reach the store: the same for both directions. */
export function addStoreOptions(command: Command): Command {
  return command
    .option('--region <name>', 'the bucket’s region (default: AWS_REGION, the profile’s, else us-east-1)')
    .option('--endpoint <url>', 'a store other than AWS that speaks S3: http://127.0.0.1:9000')
    .addHelpText('after', '\nCredentials come from where the AWS SDK looks: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, SSO, a role. They are never printed or stored.');
}

/** After Ctrl-C: what was transferred stays, so that the same command goes on. */
export function sayStopped(error: unknown, signal: AbortSignal, what: 'upload' | 'fetch'): unknown {
  if (!signal.aborted) return error;
  return new TemporaryError(`stopped before the end of the ${what}`, { code: 'transfer-stopped', hint: 'run the same command again: it goes on from what is there' });
}
