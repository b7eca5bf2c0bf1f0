import { expect, test } from '@jest/globals';
import { readEvent, withoutSecrets, writeEvent } from '../../src/model/stored-event.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import { sampleHop, sampleVerdict, silentPod } from '../bot/sample-run.ts';

const at = '2026-11-23T18:00:00.000Z';
/** With every field that a verdict can have: what the shape leaves out is lost without a word. */
const whole = {
  ...sampleVerdict({ path: [sampleHop()], stop: silentPod, notFound: [{ rule: 'r', by: 'b' }] }),
  answeredPart: 'judged-pod',
  target: {
    pod: 'default/mypod',
    asked: 'svc:default/web',
    address: '10.244.1.5',
    node: 'node-a',
    from: null,
    to: 'api',
    port: '8080/tcp',
  } satisfies Required<Verdict['target']>,
} satisfies Required<Verdict>;
const stored = (verdict: unknown) =>
  JSON.stringify({ ...JSON.parse(writeEvent(withoutSecrets({ type: 'verdict', at, verdict: whole }))), verdict });
const read = (text: string): Verdict | string => {
  const found = readEvent(text);
  if (found.read !== 'event' || found.event.type !== 'verdict')
    return found.read === 'malformed' ? found.why : found.read;
  return found.event.verdict;
};

test('a verdict comes back as it was written', () => {
  expect(read(stored(whole))).toEqual(whole);
});

test('a verdict of an older version, which knew neither the way back, nor where a flow stops, nor the kind of Calico, is still read', () => {
  const { stop: _stop, notFound: _notFound, setup: _setup, answeredPart: _part, ...older } = whole;
  const { asked: _asked, to: _to, ...target } = whole.target;
  const path = whole.path.map(({ hop, place, node, status }) => ({ hop, place, node, status }));
  expect(read(stored({ ...older, target, path }))).toEqual({
    ...whole,
    answeredPart: null,
    target: { ...target, asked: null, to: null },
    stop: null,
    setup: null,
    notFound: [],
    path: [{ ...sampleHop(), direction: 'request' }],
  });
});

test('a stop that lacks its sentence is malformed', () => {
  expect(read(stored({ ...whole, stop: { ...silentPod, summary: undefined } }))).toMatch(/^verdict\.stop\.summary/);
});
