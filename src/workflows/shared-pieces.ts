import { featureRecipe } from '../features/feature-recipes.js';
import type { FeatureThread, SharedPieces } from './feature-thread.js';
import { computePiece, type RecordMonth } from './month-piece.js';
import type { SharePieces } from './monthly-features.js';
import type { FeatureTask } from './symbol-features.js';

/**
 * Takes pieces and computes them, until none is left. After an error no one takes another.
 * @throws what `computePiece` throws.
 */
export async function computeShared({ symbol, featureSet, alignment, folder, pieces, next }: SharedPieces, record: RecordMonth, signal?: AbortSignal): Promise<void> {
  const recipe = featureRecipe(featureSet, alignment);
  const taken = new Int32Array(next);
  try {
    for (let at = Atomics.add(taken, 0, 1); at < pieces.length; at = Atomics.add(taken, 0, 1)) {
      await computePiece(symbol, recipe, folder, pieces[at], record, signal);
    }
  } catch (error) {
    Atomics.store(taken, 0, pieces.length);
    throw error;
  }
}

/** Where a thread that has a symbol in hand finds threads that have none. */
export interface PieceExchange {
  /** Shares a symbol's pieces between this thread and all that come, and waits for them. */
  share(task: FeatureTask, signal: AbortSignal | undefined): SharePieces;
  /** Helps with whatever is shared, until the exchange is closed. */
  help(thread: FeatureThread): Promise<void>;
  close(): void;
}

export function openPieceExchange(): PieceExchange {
  let offer: { readonly left: () => boolean; readonly join: (thread: FeatureThread) => Promise<void> } | undefined;
  let closed = false;
  let waiting: (() => void)[] = [];
  const wakeAll = (): void => {
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake();
  };
  return {
    share: ({ featureSet, alignment }, signal) => async (work, record) => {
      const shared: SharedPieces = { ...work, featureSet, alignment, next: new SharedArrayBuffer(4) };
      const taken = new Int32Array(shared.next);
      const joined: Promise<void>[] = [];
      // What a thread's message brings about must not throw there.
      const refused: unknown[] = [];
      const recordTheirs: RecordMonth = (month, made) => {
        try {
          record(month, made);
        } catch (error) {
          refused.push(error);
          Atomics.store(taken, 0, shared.pieces.length);
        }
      };
      offer = {
        left: () => Atomics.load(taken, 0) < shared.pieces.length,
        join: async (thread) => {
          const helped = thread.help(shared, recordTheirs);
          joined.push(helped);
          // A thread that died took its piece with it.
          await helped.catch(() => void Atomics.store(taken, 0, shared.pieces.length));
        },
      };
      wakeAll();
      const own = await Promise.allSettled([computeShared(shared, record, signal)]);
      offer = undefined;
      const ends = [...own, ...(await Promise.allSettled(joined))];
      const failed = ends.flatMap((end): readonly unknown[] => (end.status === 'rejected' ? [end.reason] : []));
      for (const error of [...refused, ...failed]) throw error;
    },
    help: async (thread) => {
      while (!closed) {
        if (offer?.left() === true) await offer.join(thread);
        else await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    close: () => {
      closed = true;
      wakeAll();
    },
  };
}
