import { describe, expect, it } from 'vitest';
import { replyTo, type TrainReply } from '../../../src/workflows/training/train-processes.js';

const reply: TrainReply = { kind: 'note', note: 'a window is missing' };

describe('the reply of a training process', () => {
  it('is awaited until it is on its way: a process that ends before tears it', async () => {
    const happened: string[] = [];
    const send = (...[message, , , sent]: readonly unknown[]): boolean => {
      expect(message).toEqual(reply);
      setTimeout(() => {
        happened.push('sent');
        (sent as () => void)();
      }, 20);
      return true;
    };
    await replyTo({ connected: true, send })(reply);
    happened.push('may end');
    expect(happened).toEqual(['sent', 'may end']);
  });

  it('waits for nobody where whoever asked is gone', async () => {
    await expect(replyTo({ connected: false, send: () => expect.fail('nobody hears it') })(reply)).resolves.toBeUndefined();
  });
});
