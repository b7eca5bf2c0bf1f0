import { beforeAll, describe, expect, test } from '@jest/globals';
import type { CapturePlace } from '../../../src/model/facts.ts';
import { ipipLostBetweenNodes as rule } from '../../../src/rules/underlay/ipip-lost-between-nodes.ts';
import { blind, captured, changed, failing, judged, valueOf, type Facts } from '../../support/facts.ts';

let facts: Facts;
beforeAll(async () => {
  facts = failing(await captured('healthy-legacy'));
});
const seen: Omit<CapturePlace, 'node' | 'interface' | 'hop'> = { requests: [], largeRequests: [], replies: [], control: ['p1', 'p2'], largeControl: ['P1'], droppedByKernel: 0, outer: [] };
const between = (source: Partial<CapturePlace>, target: Partial<CapturePlace>, of: Facts = facts, encapsulation: 'ipip' | 'none' | 'local' = 'ipip') =>
  changed(of, { 'path-capture': { encapsulation, places: [{ node: 'n2', interface: 'eth0', hop: 'source-card', ...seen, ...source }, { node: 'n1', interface: 'eth0', hop: 'target-card', ...seen, ...target }] } });
const three = ['a', 'b', 'c'];

describe('fails', () => {
  test('as captured', async () => {
    expect(await judged(rule, await captured('ipip-blocked-legacy'))).toEqual(['lost NodePair n2→n1 @- capture stops']);
  });
  test('all that left is lost, small and large', async () => {
    expect(await judged(rule, between({ requests: three, largeRequests: ['L'] }, {}))).toEqual(['lost NodePair n2→n1 @- capture stops']);
  });
  test('some are lost: the answer depends on the packet, not on the way', async () => {
    expect(await judged(rule, between({ requests: [...three, 'd'] }, { requests: ['a', 'd'] }))).toHaveLength(1);
  });
  test('only the answers are lost', async () => {
    expect(await judged(rule, between({ requests: three }, { requests: three, replies: three }))).toEqual(['lost NodePair n1→n2 @- capture stops']);
  });
  test('both ways', async () => {
    expect(await judged(rule, between({ requests: three }, { requests: ['a'], replies: ['a'] }))).toHaveLength(2);
  });
});

describe('passes', () => {
  test('every packet arrives, though the flow fails', async () => {
    expect(await judged(rule, between({ requests: three, replies: three }, { requests: three, replies: three }))).toBe('pass');
  });
  test('background traffic at the edge of a capture, while the asked flow gets through', async () => {
    expect(await judged(rule, between({ requests: [...three, 'background'] }, { requests: three }, await captured('healthy-legacy')))).toBe('pass');
  });
  test('what others send that only the target saw', async () => {
    expect(await judged(rule, between({ requests: three }, { requests: [...three, 'background'] }))).toBe('pass');
  });
});

describe('inconclusive: "not seen" would not count', () => {
  const lost = { requests: three, largeRequests: ['L'] };
  test.each<[string, Partial<CapturePlace>, Partial<CapturePlace>]>([
    ['the kernel dropped packets of a capture', lost, { droppedByKernel: 3 }],
    ['a capture did not say what the kernel dropped', { ...lost, droppedByKernel: null }, {}],
    ['no plain packet was seen beside them', { ...lost, control: [] }, { control: [] }],
    ['a plain packet is lost too', lost, { control: ['p1'] }],
    ['a large plain packet is lost too', lost, { largeControl: [] }],
    ['only the large ones are lost: their size, not their protocol', lost, { requests: three }],
    ['sent to an address that is no node\'s of the flow', { ...lost, outer: [{ source: '10.250.0.12', destination: '198.51.100.9' }] }, {}],
    ['one packet of several', { requests: three }, { requests: ['a', 'b'] }],
  ])('%s', async (_, source, target) => {
    expect(await judged(rule, between(source, target))).toBe('inconclusive');
  });
  test('a card was not captured', async () => {
    const capture = valueOf(between({ requests: three }, {}), 'path-capture');
    expect(await judged(rule, changed(facts, { 'path-capture': { ...capture, places: capture.places.slice(0, 1) } }))).toBe('inconclusive');
    expect(await judged(rule, blind(facts, ['path-capture'], 'command-failed'))).toBe('inconclusive');
  });
});

describe('does not apply', () => {
  test.each(['none', 'local'] as const)('encapsulation %s', async (encapsulation) => {
    expect(await judged(rule, between({ requests: three }, {}, facts, encapsulation))).toBe('not-applicable');
  });
  test('nothing left the source\'s node', async () => {
    expect(await judged(rule, between({}, {}))).toBe('not-applicable');
  });
  test('without a flow', async () => {
    expect(await judged(rule, blind(facts, ['flow'], 'not-applicable'))).toBe('not-applicable');
  });
});
