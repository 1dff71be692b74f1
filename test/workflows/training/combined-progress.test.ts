import { expect, it } from 'vitest';
import type { ProgressEvent } from '../../../src/progress.js';
import { progressLineText, trackRates } from '../../../src/cli/session.js';
import { combinedProgress } from '../../../src/workflows/training/combined-progress.js';

const said = (done: number, detail: string): ProgressEvent => ({ label: 'training tcn', detail, done, total: 100, unit: 'windows' });

it('trainings side by side are one row: their windows together, one label, what each has come to beside it', () => {
  const events: ProgressEvent[] = [];
  const progress = combinedProgress(3, (event) => events.push(event));
  progress.report(0, 'BTC', said(10, 'epoch 1 of 5'));
  progress.report(1, 'ETH', said(20, 'epoch 1 of 5'));
  progress.ended(0);
  progress.report(1, 'ETH', said(40, 'epoch 2 of 5'));
  expect(events[0]).toEqual({ label: 'training 3 models', detail: 'BTC epoch 1 of 5', done: 10, total: 300, unit: 'windows' });
  expect(events[1]).toMatchObject({ label: 'training 3 models', detail: 'BTC epoch 1 of 5; ETH epoch 1 of 5', done: 30, total: 300 });
  // The first stopped early, after 10 windows; the third is taken for the mean of the two.
  expect(events[2]).toMatchObject({ detail: 'ETH epoch 2 of 5', done: 50, total: 165 });
});

it('one training keeps its own label', () => {
  const events: ProgressEvent[] = [];
  combinedProgress(1, (event) => events.push(event)).report(0, 'BTC', said(10, 'epoch 1 of 5'));
  expect(events).toEqual([said(10, 'epoch 1 of 5')]);
});

it('a rate counts from where a label was first seen, also in a training that goes on, or begins anew', () => {
  let time = 0;
  const rateOf = trackRates(() => time);
  expect(rateOf(said(50, ''))).toBeUndefined();
  time = 2000;
  expect(rateOf(said(60, ''))).toBe(5);
  expect(rateOf(said(1, ''))).toBeUndefined();
  time = 3000;
  expect(rateOf(said(3, ''))).toBe(2);
  expect(progressLineText(said(60, 'epoch 3 of 5: loss 0.6931'), 5)).toBe('training tcn: 60 of 100 (60 %) windows, 5/s, 8 s left; epoch 3 of 5: loss 0.6931');
  expect(progressLineText({ label: 'training', done: 0.1, total: 3, unit: 'models' }, 0.0123)).toBe('training: 0.1 of 3 (3 %) models, 0.012/s, 4 min left');
});
