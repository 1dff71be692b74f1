import { setTimeout as sleep } from 'node:timers/promises';
import type { S3, S3ClientConfig } from '@aws-sdk/client-s3';
import { InputError, isExpectedError } from '../errors.js';
import { addressText, keyOf, type BucketAddress } from './address.js';
import { openSlots, type Slots } from '../slots.js';
import { isConnectionError, noCredentials, readStoreAnswer, storeError, type StoreAnswer } from './store-error.js';

/** How to reach a store. Credentials are never among it: the SDK's own chain finds them. */
export interface StoreOptions {
  /** An S3-compatible store, `http://host:9000`; without it `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, else AWS. */
  readonly endpoint?: string | undefined;
  /** Without it `AWS_REGION`, the profile's, else `us-east-1`. */
  readonly region?: string | undefined;
  /** Encrypt with this KMS key: its id, ARN or alias. */
  readonly kmsKey?: string | undefined;
  /** `aes256` unless a KMS key is given; `none` for a store that cannot encrypt. */
  readonly encryption?: 'aes256' | 'none' | undefined;
  /** Tries of one request, the first among them. */
  readonly attempts?: number | undefined;
  /** ms without a byte after which a connection counts as lost. */
  readonly silenceMs?: number | undefined;
}

const DEFAULTS = { attempts: 8, silenceMs: 60_000, connectMs: 10_000, parallel: 4 } as const;
const PAUSE_MS = 100;

/** What a store turned out not to know; found out once, then no longer tried. */
export interface StoreHabits {
  checksums: boolean;
  conditionalWrites: boolean;
  /** Whether unfinished uploads can be asked for, and so gone on with. */
  tellsUnfinished: boolean;
}

/** A bucket, opened: requests that are retried by the SDK and whose errors are the project's. */
export interface Store {
  readonly address: BucketAddress;
  readonly endpoint: string | undefined;
  readonly kmsKey: string | undefined;
  readonly habits: StoreHabits;
  /** Limits the bodies on their way, and so the memory. */
  readonly slots: Slots;
  readonly signal: AbortSignal | undefined;
  /** Of every object that is written. No ACL, ever: objects are as private as their bucket. */
  readonly encryption: { readonly ServerSideEncryption?: 'AES256' | 'aws:kms'; readonly SSEKMSKeyId?: string };
  /**
   * One request, with the reading of its answer, about one file of the export (or the bucket, when `name` is empty).
   * @param expected returns a value for an answer that is no error here, such as "not found"; undefined for all others
   */
  ask<T, E = never>(operation: string, name: string, request: (s3: S3, target: { readonly Bucket: string; readonly Key: string }, http: { readonly abortSignal?: AbortSignal }) => Promise<T>, expected?: (answer: StoreAnswer) => E | undefined): Promise<T | E>;
  close(): void;
}

/**
 * Opens a bucket with the credentials of the SDK's default chain (environment, profile, SSO, container or instance role).
 * @throws InputError `bucket-endpoint`; SetupError `bucket-credentials-missing`, `bucket-credentials-expired`
 */
export async function openStore(address: BucketAddress, options: StoreOptions, signal?: AbortSignal): Promise<Store> {
  const { attempts = DEFAULTS.attempts, silenceMs = DEFAULTS.silenceMs, kmsKey } = options;
  const chosen = options.endpoint ?? nonEmpty(process.env.AWS_ENDPOINT_URL_S3) ?? nonEmpty(process.env.AWS_ENDPOINT_URL);
  const endpoint = chosen === undefined ? undefined : checkEndpoint(chosen);
  // The SDK's news about Node versions to come belong to whoever updates it, not into each command's output.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const { S3 } = await import('@aws-sdk/client-s3');
  const given = options.region ?? nonEmpty(process.env.AWS_REGION) ?? nonEmpty(process.env.AWS_DEFAULT_REGION);
  const config: S3ClientConfig = {
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
    ...(given !== undefined && { region: given }),
    maxAttempts: attempts,
    retryMode: 'standard',
    // Our own SHA-256 goes with each body; checksums a store did not ask for break older ones.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: DEFAULTS.connectMs, socketTimeout: silenceMs },
    logger: silent,
  };
  const found = given ?? (await regionOf(new S3(config)));
  const s3 = new S3({ ...config, region: found });
  const secrets = await findSecrets(s3, { address, region: found, endpoint });
  const habits: StoreHabits = { checksums: true, conditionalWrites: true, tellsUnfinished: true };
  return {
    address, endpoint, kmsKey, habits, signal,
    slots: openSlots(DEFAULTS.parallel),
    encryption: kmsKey !== undefined ? { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: kmsKey } : options.encryption === 'none' ? {} : { ServerSideEncryption: 'AES256' },
    async ask(operation, name, request, expected) {
      for (let tries = 1; ; tries++) {
        signal?.throwIfAborted();
        try {
          return await request(s3, { Bucket: address.bucket, Key: keyOf(address.prefix, name) }, signal === undefined ? {} : { abortSignal: signal });
        } catch (error) {
          signal?.throwIfAborted();
          if (isExpectedError(error)) throw error;
          const answer = readStoreAnswer(error, secrets);
          const instead = expected?.(answer);
          if (instead !== undefined) return instead;
          // The SDK has tried requests again; an answer that breaks off while it is read is left to us.
          const brokeOff = isConnectionError(answer) && (error as { $metadata?: unknown }).$metadata === undefined;
          if (!brokeOff || tries >= attempts) throw storeError(error, { operation, bucket: address.bucket, region: found, endpoint, target: addressText(address, name), secrets });
          await sleep(PAUSE_MS * 2 ** Math.min(tries, 5), undefined, signal === undefined ? {} : { signal });
        }
      }
    },
    close: () => s3.destroy(),
  };
}

const ignore = (): void => undefined;
/** The SDK's warnings quote requests. */
const silent = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };

const nonEmpty = (text: string | undefined): string | undefined => (text === '' ? undefined : text);

/** The profile's region, or the one where a wrong guess is answered with the right one. */
async function regionOf(s3: S3): Promise<string> {
  try {
    return await s3.config.region();
  } catch {
    return 'us-east-1';
  } finally {
    s3.destroy();
  }
}

/** Values that must never be printed. Having none here is the first and clearest sign of missing credentials. */
async function findSecrets(s3: S3, { address, region, endpoint }: { readonly address: BucketAddress; readonly region: string; readonly endpoint: string | undefined }): Promise<readonly string[]> {
  try {
    const { accessKeyId, secretAccessKey, sessionToken } = await s3.config.credentials();
    return [accessKeyId, secretAccessKey, sessionToken ?? ''].filter((secret) => secret !== '');
  } catch (error) {
    s3.destroy();
    const mapped = storeError(error, { operation: 'credentials', bucket: address.bucket, region, endpoint, target: addressText(address), secrets: [] });
    throw mapped.code === 'bucket-credentials-expired' ? mapped : noCredentials();
  }
}

function checkEndpoint(text: string): string {
  const refuse = (why: string, shown: string): never => {
    throw new InputError(`--endpoint ${shown}: ${why}`, { code: 'bucket-endpoint', hint: 'write it as https://host or http://host:port; the bucket stands in s3://bucket/folder, keys in the environment or a profile' });
  };
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return refuse('it is no address', text.includes('@') ? '...' : text);
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') refuse('keys, passwords and parameters do not belong into it', `${url.protocol}//${url.host}`);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') refuse('it must begin with http:// or https://', url.href);
  return url.href.replace(/\/$/, '');
}
