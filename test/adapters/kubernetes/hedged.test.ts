import { describe, expect, test } from '@jest/globals';
import { hedged, NoAnswer } from '../../../src/adapters/kubernetes/hedged.ts';

const cut = () => Promise.reject(new Error('cut off'));
const never = () => new Promise<never>(() => undefined);
const options = { secondAfterMs: 20, limitMs: 10_000, worthAnother: () => false };

/** Attempts in turn, and how many were made. */
function attempts(...each: readonly ((signal: AbortSignal) => Promise<string>)[]) {
  const signals: AbortSignal[] = [];
  return {
    signals,
    attempt: (signal: AbortSignal) => {
      signals.push(signal);
      return (each[signals.length - 1] ?? never)(signal);
    },
  };
}

describe('a read that may be asked twice', () => {
  test('is asked once when it answers', async () => {
    const { attempt, signals } = attempts(() => Promise.resolve('one'));
    await expect(hedged(attempt, options)).resolves.toBe('one');
    expect(signals).toHaveLength(1);
  });

  test('gives the second answer when the first is slow, and ends the first', async () => {
    const { attempt, signals } = attempts(never, () => Promise.resolve('two'));
    await expect(hedged(attempt, options)).resolves.toBe('two');
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  });

  test('still takes the first answer after the second was asked', async () => {
    const late = Promise.withResolvers<string>();
    const { attempt } = attempts(
      () => late.promise,
      () => {
        late.resolve('one');
        return never();
      },
    );
    await expect(hedged(attempt, options)).resolves.toBe('one');
  });

  test('fails at once when the failure is not worth another', async () => {
    const { attempt, signals } = attempts(() => Promise.reject(new Error('refused')));
    await expect(hedged(attempt, { ...options, secondAfterMs: 10_000 })).rejects.toThrow('refused');
    expect(signals).toHaveLength(1);
  });

  test('is asked again at once when the connection was cut off, and only once more', async () => {
    const { attempt, signals } = attempts(cut, cut, () => Promise.resolve('three'));
    await expect(hedged(attempt, { ...options, secondAfterMs: 10_000, worthAnother: () => true })).rejects.toThrow(
      'cut off',
    );
    expect(signals).toHaveLength(2);
  });

  test('ends both attempts at the limit', async () => {
    const { attempt, signals } = attempts(never, never);
    await expect(hedged(attempt, { ...options, limitMs: 60 })).rejects.toBeInstanceOf(NoAnswer);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  });
});
