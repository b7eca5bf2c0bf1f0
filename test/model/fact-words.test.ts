import { expect, test } from '@jest/globals';
import { computed } from '../../src/computed/registry.ts';
import { factWords } from '../../src/model/fact-words.ts';
import type { FactKey } from '../../src/model/facts.ts';
import { probes } from '../../src/probes/registry.ts';

const provided: readonly string[] = [...probes.flatMap(({ provides }) => provides), ...computed.map(({ id }) => id)];

test('every fact has a name for people, and none is an id', () => {
  expect(provided.length).toBeGreaterThan(60);
  for (const key of provided) {
    const told = factWords([key as FactKey]);
    expect({ key, told }).toEqual({ key, told: expect.stringMatching(/^(?!undefined)[^@]{4,70}$/) });
  }
});

test('says of which node a fact is, and tells a name once', () => {
  expect(factWords(['routes@source', 'routes@target'])).toBe(
    "routes of the source's node, routes of the target's node",
  );
  expect(factWords(['kernel-ways', 'judged-ways'])).toBe("the kernels' routes for the flow");
});
