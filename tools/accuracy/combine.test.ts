import { expect, test } from '@jest/globals';
import { brokenCases, type BrokenCase } from '../lab/faults/broken-cases.ts';
import { defineFault, type Beside } from '../lab/faults/fault.ts';
import { asksOf, combinations, expectedOf, goTogether, isCombinable, randomFrom, sample } from './combine.ts';

function faultOf(
  name: string,
  beside: Partial<Beside> & Pick<Beside, 'endsAt'>,
  roots = [`${name}-found`],
): BrokenCase {
  const fault = defineFault({
    name,
    summary: '',
    expects: { verdict: 'fault', roots, answers: [], silent: [] },
    beside: { takes: [], ...beside },
  });
  return { fault: name, given: [], expects: fault.expects, beside: fault.beside };
}
const together = (...cases: readonly BrokenCase[]) =>
  combinations(cases.filter(isCombinable), 2).map((pair) => pair.map(({ fault }) => fault).join('+'));

test('faults go together where neither takes what the other takes or needs', () => {
  const route = faultOf('route', { endsAt: 'target-node', takes: ['route'], needs: ['Felix'] });
  const same = faultOf('same', { endsAt: 'target-node', takes: ['route'] });
  const felix = faultOf('felix', { endsAt: null, takes: ['Felix'] });
  expect(together(route, same, felix)).toEqual(['same+felix']);
  expect(together(felix, route)).toEqual([]);
});

test('a fault does not go with itself in another form, or without data of its own', () => {
  const one = faultOf('one', { endsAt: 'network' });
  expect(together(one, { ...one, given: ['x=y'] })).toEqual([]);
  expect(together(one, { ...faultOf('alone', { endsAt: null }), beside: null })).toEqual([]);
});

test('every cause is expected that its state shows, wherever packets end before it', () => {
  const early = faultOf('early', { endsAt: 'source-node' });
  const late = faultOf('late', { endsAt: 'target-pod' });
  expect(expectedOf([late, early])).toEqual({ roots: ['early-found', 'late-found'], latent: [], hidden: [] });
});

test('a cause that only packets show is hidden where none comes to it', () => {
  const early = faultOf('early', { endsAt: 'source-node' });
  const lossy = faultOf('lossy', { endsAt: 'network', shownBy: 'packets' });
  const late = faultOf('late', { endsAt: 'target-node' });
  expect(expectedOf([early, lossy]).hidden).toEqual(['lossy-found']);
  expect(expectedOf([lossy, late])).toEqual({ roots: ['late-found', 'lossy-found'], latent: [], hidden: [] });
});

test('a cause that a working flow shows is hidden where anything ends the flow', () => {
  const sizes = faultOf('sizes', { endsAt: null, shownBy: 'working-flow' });
  const silent = faultOf('silent', { endsAt: null });
  expect(expectedOf([sizes, faultOf('late', { endsAt: 'target-pod' })]).hidden).toEqual(['sizes-found']);
  expect(expectedOf([sizes, silent]).hidden).toEqual([]);
});

test('a fault hides the causes that it names, and not those that another fault shows as well', () => {
  const leads = faultOf('leads', { endsAt: 'source-node', hides: ['route-found'] });
  expect(expectedOf([leads, faultOf('route', { endsAt: 'target-node' })]).hidden).toEqual(['route-found']);
  const shown = faultOf('other', { endsAt: 'target-node' }, ['leads-found']);
  expect(expectedOf([leads, shown])).toEqual({ roots: ['leads-found'], latent: [], hidden: [] });
});

test('faults of two pods are asked about both, and each pod gets its own and those of any pod', () => {
  const newPod = defineFault({
    name: 'image',
    summary: '',
    expects: {
      asks: ['default/newpod'],
      verdict: 'fault',
      roots: ['image-found'],
      answers: [],
      silent: [],
      others: [{ verdict: 'healthy' }],
    },
    beside: { takes: [], endsAt: null },
  });
  const image = { fault: 'image', given: [], expects: newPod.expects, beside: newPod.beside };
  const felix = faultOf('felix', { endsAt: 'target-node', ofAnyPod: ['felix-found'] });
  const route = faultOf('route', { endsAt: 'target-node' });
  expect(asksOf([felix, route])).toEqual(['default/mypod']);
  expect(asksOf([image, felix])).toEqual(['default/mypod', 'default/newpod']);
  expect(expectedOf([image, felix])).toEqual({ roots: ['felix-found'], latent: [], hidden: [] });
  expect(expectedOf([image, felix, route], 'default/newpod')).toEqual({
    roots: ['image-found'],
    latent: ['felix-found'],
    hidden: ['route-found'],
  });
});

test('a sample is the same for the same seed, and another for another', () => {
  const items = Array.from({ length: 40 }, (_, at) => at);
  const drawn = (seed: number) => sample(items, 10, randomFrom(seed));
  expect(drawn(7)).toEqual(drawn(7));
  expect(drawn(7)).not.toEqual(drawn(8));
  expect(new Set(drawn(7)).size).toBe(10);
});

test('the catalogue gives pairs and triples, and all go together', () => {
  const cases = brokenCases({ encap: 'ipip', datastore: 'etcd', typha: false }).filter(isCombinable);
  for (const size of [2, 3]) {
    const all = combinations(cases, size);
    expect(all.length).toBeGreaterThan(100);
    for (const some of sample(all, 50, randomFrom(size)))
      for (const [at, one] of some.entries())
        for (const other of some.slice(at + 1)) expect(goTogether(one, other)).toBe(true);
  }
});
