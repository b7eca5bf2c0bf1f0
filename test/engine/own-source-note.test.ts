import { expect, test } from '@jest/globals';
import { ownSourceNote } from '../../src/engine/own-source-note.ts';
import { observed, unavailable, type Fact } from '../../src/model/evidence.ts';
import { captured, factOf, valueOf } from '../support/facts.ts';

const facts = await captured('healthy-legacy');
const { source, destination } = valueOf(facts, 'flow');

function noteOf(network: Fact<unknown>, walks: readonly unknown[] = []): Promise<readonly string[]> {
  return ownSourceNote({
    fact: ((key: never) =>
      Promise.resolve(
        key === 'source-pod-network'
          ? network
          : key === 'pod-walks'
            ? observed({ walks, unread: [] })
            : factOf(facts, key),
      )) as unknown as never,
  });
}
const from = (preferredSource: string | null) =>
  observed({ namespace: 'cni-1', way: { kind: 'route', device: 'eth0', gateway: null, preferredSource } });

test('a pod that sends from another address than its own is told, with the next command', async () => {
  const [note = '', ...more] = await noteOf(from('10.244.2.99'));
  expect(more).toEqual([]);
  expect(note).toContain(
    `sends packets to ${destination.address} from 10.244.2.99, and its address is ${source.address}.`,
  );
  expect(note).toContain(`ip netns exec cni-1 ip route get ${destination.address};`);
});

test('a rule inside the pod that gives packets another address is told, with the next command', async () => {
  const walk = {
    end: 'source',
    packet: 'request',
    asked: { source: source.address },
    result: { packet: { source: '10.244.2.99' } },
  };
  const [note = '', ...more] = await noteOf(from(source.address), [walk]);
  expect(more).toEqual([]);
  expect(note).toContain('from 10.244.2.99');
  expect(note).toContain('A rule inside the pod gives them that address.');
  expect(note).toContain('ip netns exec cni-1 iptables-save -c');
});

test.each<[string, Fact<unknown>]>([
  ['it sends from its own', from(source.address)],
  ['its kernel does not say', from(null)],
  ['its kernel has no way', observed({ way: { kind: 'refused', error: 'no-route-to-host', words: '' } })],
  ['its network was not read', unavailable('not-recorded', 'no node')],
])('nothing is told: %s', async (_, network) => {
  expect(await noteOf(network)).toEqual([]);
});
