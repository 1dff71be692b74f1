import { InputError, SetupError, TemporaryError, type ExpectedError } from '../errors.js';

/** What was being done when a store refused, for the message. */
export interface StoreCall {
  /** The operation as a permission names it: `PutObject`. */
  readonly operation: string;
  readonly bucket: string;
  readonly region: string;
  readonly endpoint: string | undefined;
  /** `s3://bucket/prefix/name`. */
  readonly target: string;
  /** Values that no message may repeat. */
  readonly secrets: readonly string[];
}

/** What is read of an error of the AWS SDK. Its request, with the signature, and the answer's other fields are left alone. */
interface SdkError {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly Code?: unknown;
  readonly message?: unknown;
  readonly Region?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

/** The store's name of an error, its HTTP status (0 without an answer) and what it said, without secrets. */
export interface StoreAnswer {
  readonly name: string;
  readonly status: number;
  readonly said: string;
  readonly region: string | undefined;
}

const EXPIRED = ['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired', 'RequestExpired'];
const UNKNOWN_KEY = ['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'InvalidToken', 'InvalidClientTokenId', 'UnrecognizedClientException', 'AuthFailure'];
const OTHER_REGION = ['PermanentRedirect', 'AuthorizationHeaderMalformed', 'IllegalLocationConstraintException', 'TemporaryRedirect', 'IncorrectEndpoint'];
const BUSY = ['SlowDown', 'ServiceUnavailable', 'InternalError', 'Throttling', 'ThrottlingException', 'RequestLimitExceeded', 'TooManyRequests', 'OperationAborted'];
const CONNECTION = ['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'TimeoutError', 'RequestTimeout', 'ECONNABORTED', 'NetworkingError', 'ERR_STREAM_PREMATURE_CLOSE', 'aborted'];
const NOT_THE_PROTOCOL = ['SyntaxError', 'EPROTO', 'HPE_INVALID_CONSTANT', 'ERR_SSL_WRONG_VERSION_NUMBER'];

/**
 * What a store's or the SDK's error means to the person. The error itself is never kept as a cause: it holds the
 * request with its signature and session token.
 */
export function storeError(error: unknown, call: StoreCall): ExpectedError {
  const answer = readStoreAnswer(error, call.secrets);
  const { name, status, said, region } = answer;
  const { bucket, target, endpoint } = call;
  const cause = new Error(`${name} (HTTP ${status}): ${said}`);
  const place = { file: target };
  const where = endpoint ?? 'AWS';

  if (EXPIRED.includes(name) || /session.*expired|token.*(is|has) expired/i.test(said)) {
    return new SetupError(`the credentials have expired (${name})`, { code: 'bucket-credentials-expired', place, hint: 'get new ones (aws sso login, a new session token) and run the same command: it goes on from what is there', cause });
  }
  if (name === 'CredentialsProviderError' || name === 'NoCredentials') return noCredentials();
  if (UNKNOWN_KEY.includes(name)) {
    return new SetupError(`${where} does not accept the credentials (${name})`, { code: 'bucket-credentials-refused', place, hint: 'check the access key, its secret, and that they belong to this store', cause });
  }
  if (OTHER_REGION.includes(name) || status === 301 || (status === 400 && region !== undefined && region !== call.region)) {
    return new InputError(`bucket ${bucket} is in ${region === undefined ? 'another region' : `region ${region}`}, not in ${call.region}`, {
      code: 'bucket-other-region', place, hint: `say --region ${region ?? 'NAME'}, or set AWS_REGION`, cause,
    });
  }
  if (name === 'NoSuchBucket') {
    return new InputError(`there is no bucket ${bucket} at ${where}`, { code: 'bucket-missing', place, hint: 'check its name and --endpoint; crpbot makes no buckets', cause });
  }
  if (name === 'InvalidBucketName') return new InputError(`${where} allows no bucket of the name ${bucket}`, { code: 'bucket-url', place, hint: 'write it as s3://bucket/folder', cause });
  if (name === 'RequestTimeTooSkewed') {
    return new SetupError('this machine’s clock is wrong: the store refuses its signature', { code: 'bucket-clock', place, hint: 'set the clock (timedatectl set-ntp true)', cause });
  }
  if (name.startsWith('KMS.') || /KMSInvalid|KMSNotFound|KMSDisabled/.test(name)) {
    return new InputError(`the KMS key cannot be used: ${said}`, { code: 'kms-key-unusable', place, hint: 'check --kms-key: a key or alias of the bucket’s region, with kms:GenerateDataKey and kms:Decrypt', cause });
  }
  if (['NotImplemented', 'InvalidArgument', 'InvalidEncryptionAlgorithmError', 'InvalidRequest'].includes(name) && /encrypt|KMS|SSE/i.test(said)) {
    return new SetupError(`${where} cannot encrypt: ${said}`, { code: 'bucket-encryption-refused', place, hint: 'set up encryption there, or say --encryption none when the store knows none', cause });
  }
  if (BUSY.includes(name) || status === 503 || status === 429 || status === 500 || status === 502 || status === 504) {
    return new TemporaryError(`${where} is busy (${name}), after several tries`, { code: 'bucket-busy', place, hint: 'run the same command later: it goes on from what is there', cause });
  }
  if (name === 'AccessDenied' || status === 403 || status === 401 || name === 'AllAccessDisabled') {
    return new SetupError(`access denied: ${call.operation} on ${target}`, {
      code: 'bucket-access-denied', place, hint: `allow these credentials ${permissionOf(call.operation)} there; docs/s3.md has the whole policy`, cause,
    });
  }
  if (isConnectionError(answer)) {
    return new TemporaryError(`no answer from ${where}: ${said}`, { code: 'bucket-unreachable', place, hint: 'check the connection, and --endpoint and --region; then run the same command: it goes on from what is there', cause });
  }
  if (NOT_THE_PROTOCOL.includes(name) || /deserializ|not a valid XML|char '.*' is not expected|wrong version number|unclosed|Expected a /i.test(said) || (status > 0 && name === 'Unknown')) {
    return new InputError(`${where} does not answer like an S3 store (HTTP ${status})`, { code: 'endpoint-no-store', place, hint: 'check --endpoint: http://host:port of the store’s S3 interface, not of its web page', cause });
  }
  return new SetupError(`${where} refuses ${call.operation} (${name}): ${said}`, { code: 'bucket-refuses', place, hint: 'the store’s own documentation explains its answer', cause });
}

/** The provider's own message stays out: it may quote the command line of a credential program. */
export function noCredentials(): SetupError {
  const profile = process.env.AWS_PROFILE;
  return new SetupError(`no credentials for S3 were found${profile === undefined || profile === '' ? '' : ` (AWS_PROFILE is ${profile})`}`, {
    code: 'bucket-credentials-missing',
    hint: 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE after aws configure or aws sso login, or run where a role is attached',
  });
}

/** What an SDK error says, with secrets blanked. */
export function readStoreAnswer(error: unknown, secrets: readonly string[]): StoreAnswer {
  const { name, code, Code, message, Region, $metadata, $response } = error as SdkError;
  const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
  const status = $metadata?.httpStatusCode ?? 0;
  const generic = text(name) === 'Error' || text(name) === undefined || /^\d+$/.test(text(name) ?? '');
  const known = text(Code) ?? (generic ? text(code) : text(name)) ?? 'Unknown';
  const region = text(Region) ?? text($response?.headers?.['x-amz-bucket-region']);
  return { name: withoutSecrets(known, secrets), status, said: withoutSecrets(text(message) ?? known, secrets), region };
}

export function isConnectionError({ name, status, said }: StoreAnswer): boolean {
  return CONNECTION.includes(name) || (status === 0 && /socket|connect|network|timed? ?out|getaddrinfo|aborted/i.test(said));
}

/** Secrets as they are, and whatever looks like an access key. */
function withoutSecrets(text: string, secrets: readonly string[]): string {
  const blanked = secrets.reduce((shown, secret) => (secret.length < 4 ? shown : shown.replaceAll(secret, '[hidden]')), text);
  return blanked.replace(/\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b/g, '[hidden]');
}

function permissionOf(operation: string): string {
  const permissions: Readonly<Record<string, string>> = {
    HeadObject: 's3:GetObject and s3:ListBucket',
    GetObject: 's3:GetObject and s3:ListBucket',
    CreateMultipartUpload: 's3:PutObject (and kms:GenerateDataKey with --kms-key)',
    UploadPart: 's3:PutObject (and kms:Decrypt with --kms-key)',
    CompleteMultipartUpload: 's3:PutObject (and kms:Decrypt with --kms-key)',
    PutObject: 's3:PutObject (and kms:GenerateDataKey with --kms-key)',
    ListParts: 's3:ListMultipartUploadParts',
  };
  return permissions[operation] ?? `s3:${operation}`;
}
