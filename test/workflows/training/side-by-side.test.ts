import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { sideBySide, threadsFor } from '../../../src/workflows/training/train.js';

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

describe('the cores of each', () => {
  const threads = (tasks: number, processes: number, cores: number): number[] => Array.from({ length: tasks }, (_, index) => threadsFor(index, tasks, processes, cores));

  it('are a fair share, and those left over at the end divide all', () => {
    expect(threads(3, 2, 2)).toEqual([1, 1, 2]);
    expect(threads(7, 4, 4)).toEqual([1, 1, 1, 1, 1, 1, 1]);
    expect(threads(6, 4, 4)).toEqual([1, 1, 1, 1, 2, 2]);
  });

  it('are all of them for one model, and one at least', () => {
    expect(threads(1, 1, 8)).toEqual([8]);
    expect(threads(4, 4, 2)).toEqual([1, 1, 1, 1]);
  });
});
