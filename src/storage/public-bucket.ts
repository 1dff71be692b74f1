import { InputError } from '../errors.js';
import { addressText } from './address.js';
import type { Store } from './store.js';

/**
 * Refuses a bucket whose policy lets everybody read.
 * @returns `unknown` where these credentials, or this store, do not tell
 * @throws InputError `bucket-public`; the store's
 */
export async function refusePublicBucket(store: Store): Promise<'private' | 'unknown'> {
  const answer = await store.ask(
    'GetBucketPolicyStatus', '',
    (s3, { Bucket }, http) => s3.getBucketPolicyStatus({ Bucket }, http),
    ({ name, status }) => {
      if (name === 'NoSuchBucketPolicy') return { PolicyStatus: { IsPublic: false } };
      return name !== 'NoSuchBucket' && [400, 403, 404, 405, 500, 501].includes(status) && !name.includes('Token') ? 'unknown' : undefined;
    },
  );
  if (answer === 'unknown' || answer.PolicyStatus?.IsPublic === undefined) return 'unknown';
  if (!answer.PolicyStatus.IsPublic) return 'private';
  throw new InputError(`bucket ${store.address.bucket} is public: everybody could read the export`, {
    code: 'bucket-public',
    place: { file: addressText(store.address) },
    hint: 'block public access to it (aws s3api put-public-access-block), or choose another bucket',
  });
}
