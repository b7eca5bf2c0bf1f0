import { expect, test } from '@jest/globals';
import type { Link } from '../../src/model/network.ts';
import { podLink } from '../../src/model/pod-link.ts';

const link = (name: string, over: Partial<Link> = {}): Link => ({
  name,
  index: 7,
  flags: ['UP'],
  mtu: 1500,
  operState: 'UP',
  addresses: [],
  kind: 'veth',
  peerNamespace: 'cni-1',
  peerIndex: 2,
  ...over,
});
const pod = { interface: 'cali1', address: '10.0.0.5' };
const leading = { hostRoutes: ['10.0.0.5'] };

test.each<[string, readonly Link[], string | null]>([
  ['its name decides', [link('cali1'), link('eni1', leading)], 'cali1'],
  [
    'its name decides, also where an old device has the route',
    [link('cali1', { hostRoutes: [] }), link('old', leading)],
    'cali1',
  ],
  ['another name: by the route', [link('eth0', { kind: null }), link('eni1', leading)], 'eni1'],
  ['a netkit', [link('lxc1', { ...leading, kind: 'netkit' })], 'lxc1'],
  ['a device that leads to no pod', [link('eni1', { ...leading, peerNamespace: null })], null],
  ['a tunnel with a route to it', [link('tun0', { ...leading, kind: 'tun' })], null],
  ['the route of another pod', [link('eni1', { hostRoutes: ['10.0.0.50'] })], null],
  ['two that could be it', [link('eni1', leading), link('eni2', leading)], null],
  ['none', [], null],
])('%s', (_, links, name) => {
  expect(podLink(links, pod)?.name ?? null).toBe(name);
});

test.each([
  ['its hash decides where the route is gone', ['eni0123456789a'], 'eni0123456789a'],
  ['its hash decides where another device has the route', ['eni0123456789a', 'eni1'], 'eni0123456789a'],
  ['the usual name goes first', ['eni0123456789a', 'cali0123456789a'], 'cali0123456789a'],
  ['the hash of another pod', ['eni0123456789b'], null],
])('%s', (_, names, name) => {
  const links = names.map((one) => link(one, one === 'eni1' ? leading : {}));
  expect(podLink(links, { ...pod, interface: 'cali0123456789a' })?.name ?? null).toBe(name);
});

test('a device of another kind with the same hash is not the interface of the pod', () => {
  const other = link('vlan0123456789a', { kind: 'vlan', peerNamespace: null });
  const asked = { ...pod, interface: 'cali0123456789a' };
  expect(podLink([other], asked)).toBeNull();
  expect(podLink([other, link('eni0123456789a')], asked)?.name).toBe('eni0123456789a');
});

test('what is on the network of its node has none', () => {
  expect(podLink([link('eni1', leading)], { ...pod, interface: null })).toBeNull();
});
