import { describe, expect, it } from 'vitest';
import { parseQueueAddress } from '../../../src/workflows/distributed/queue-address.js';

describe('the address of a queue', () => {
  it('has a port and a prefix of its own where none are given', () => {
    expect(parseQueueAddress('redis://queue.lan')).toMatchObject({ host: 'queue.lan', port: 6379, prefix: 'crpbot', tls: false, password: undefined, shown: 'redis://queue.lan:6379' });
  });
  it('names user, password, port and prefix', () => {
    expect(parseQueueAddress('rediss://bot:p%40ss@10.0.0.7:7000/team-a')).toEqual({ host: '10.0.0.7', port: 7000, tls: true, username: 'bot', password: 'p@ss', prefix: 'team-a', shown: 'rediss://10.0.0.7:7000/team-a' });
    expect(parseQueueAddress('redis://[::1]:6380').host).toBe('::1');
  });
  it.each([
    ['localhost:6379', 'not the address'],
    ['http://localhost:6379', 'not the address'],
    ['redis://', 'not the address|names no host'],
    ['redis://host:99999', 'not the address'],
    ['redis://host/2', 'number of a database'],
    ['redis://host/a b', 'may hold letters'],
    ['redis://host/a?family=6', 'nothing may follow'],
  ])('refuses %s', (text, reason) => {
    expect(() => parseQueueAddress(text)).toThrow(expect.objectContaining({ code: 'queue-address', message: expect.stringMatching(reason) as string }));
  });
  it.each(['redis://bot:secret@host:99999', 'redis:/bot:secret@host', 'http://bot:secret@host', 'bot:secret@host'])('shows no password of %s', (text) => {
    expect(() => parseQueueAddress(text)).toThrow(expect.objectContaining({ message: expect.not.stringContaining('secret') as string }));
  });
});
