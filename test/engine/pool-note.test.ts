import { expect, test } from '@jest/globals';
import { poolNote } from '../../src/engine/pool-note.ts';
import { blind, captured, changed, factOf, failing, valueOf, type Facts } from '../support/facts.ts';

const failed = failing(await captured('healthy-legacy'));
const facts = changed(failed, { 'tried-outcome': { flow: 'fails', judgedPort: 'fails' } });
const { source, destination } = valueOf(facts, 'flow');
const noteOf = (of: Facts) => poolNote({ fact: (key: never) => Promise.resolve(factOf(of, key)) });
/** A node without routes to blocks of others, as Felix leaves it when a pool is deleted. */
const routeless = (key: 'routes@source' | 'routes@target', of: Facts) =>
  changed(of, { [key]: valueOf(of, key).filter(({ device }) => device !== 'tunl0') });
const poolless = changed(facts, { pools: [] });

test('a deleted pool is told by the routes that went with it', async () => {
  const [note = '', ...more] = await noteOf(routeless('routes@source', poolless));
  expect(more).toEqual([]);
  expect(note).toContain(`No IP pool holds the address ${destination.address} of default/mypod, and n2 has no route`);
  expect(note).toContain('There is no IP pool.');
  expect((await noteOf(routeless('routes@target', poolless)))[0]).toContain(`the address ${source.address} of`);
});

test.each<[string, Facts]>([
  ['a pool holds both addresses', routeless('routes@source', facts)],
  ['the routes are there', poolless],
  ['the pools were not read', blind(routeless('routes@source', facts), ['pools'])],
  ['the routes were not read', blind(poolless, ['routes@source', 'routes@target'])],
  [
    'the flow works',
    changed(routeless('routes@source', poolless), { 'tried-outcome': { flow: 'works', judgedPort: 'works' } }),
  ],
  [
    'both ends are on one node',
    changed(routeless('routes@source', poolless), {
      flow: { ...valueOf(facts, 'flow'), source: { ...source, node: destination.node } },
    }),
  ],
])('nothing is told: %s', async (_, of) => {
  expect(await noteOf(of)).toEqual([]);
});
