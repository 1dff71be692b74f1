import { availableParallelism } from 'node:os';
import { expect, it } from 'vitest';
import { sideBySide } from '../../../src/workflows/training/train.js';

const none = (): readonly unknown[] => [];
const one = (): readonly unknown[] => [{ name: 'Tesla T4' }];

it('models train a process a core on a CPU', () => {
  expect(sideBySide(100, {}, none)).toBe(availableParallelism());
  expect(sideBySide(1, {}, none)).toBe(1);
  expect(sideBySide(100, { device: 'cpu' }, one)).toBe(availableParallelism());
});

it('one after the other where there is a GPU, asked for or found', () => {
  expect(sideBySide(3, { device: 'gpu' }, none)).toBe(1);
  expect(sideBySide(3, { device: 'auto' }, one)).toBe(1);
  expect(sideBySide(3, {}, one)).toBe(1);
});

it('as many as were asked for, and never more than there are models', () => {
  expect(sideBySide(3, { processes: 2 }, one)).toBe(2);
  expect(sideBySide(2, { processes: 8 }, none)).toBe(2);
});
