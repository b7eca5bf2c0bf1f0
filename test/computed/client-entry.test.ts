import { expect, test } from '@jest/globals';
import { clientEntry } from '../../src/computed/client-entry.ts';
import { outsideEnd } from '../../src/flow-walks/ends.ts';
import { blind, captured, changed, derive, valueOf } from '../support/facts.ts';
import { sightingAt } from '../support/sightings.ts';

const facts = await captured('healthy-legacy');
const outside = changed(facts, { flow: { ...valueOf(facts, 'flow'), source: outsideEnd('203.0.113.7') } });
const seen = (of: typeof facts, what: string) =>
  changed(of, { sightings: { points: [sightingAt('target-card', what, { interface: 'eth1' })] } });
const entryIn = async (of: typeof facts) => await derive(of, clientEntry);

test('the interface at which a packet of a client outside was seen', async () => {
  expect(await entryIn(seen(outside, '>'))).toMatchObject({ value: { interface: 'eth1' } });
  expect(await entryIn(seen(outside, '<'))).toMatchObject({ value: { interface: null } });
  expect(await entryIn(blind(outside, ['sightings']))).toMatchObject({ value: { interface: null } });
});

test('is not asked for of a flow between pods', async () => {
  expect(await entryIn(seen(facts, '>'))).toMatchObject({ value: { interface: null } });
});
