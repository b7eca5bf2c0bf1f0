import { expect, test } from '@jest/globals';
import type { EndpointSlice, Service } from '../../../src/model/kubernetes.ts';
import { servedPort, usableEndpoints } from '../../../src/model/service.ts';
import { serviceState } from '../../../src/probes/parse/service-state.ts';

const service: Service = {
  metadata: { name: 'web', namespace: 'shop' },
  spec: {
    type: 'ClusterIP',
    clusterIP: '198.51.100.20',
    selector: { app: 'web' },
    ports: [
      { name: 'dns', protocol: 'UDP', port: 53 },
      { name: 'http', port: 80, targetPort: 'http' },
    ],
  },
};
const endpoint = (address: string, conditions: object, nodeName = 'n1') => ({
  addresses: [address],
  conditions,
  nodeName,
  targetRef: { kind: 'Pod', name: `pod-${address}` },
});
const slice = (endpoints: EndpointSlice['endpoints'], ports: EndpointSlice['ports']): EndpointSlice => ({
  metadata: { name: 'web-abcde', namespace: 'shop' },
  addressType: 'IPv4',
  endpoints,
  ports,
});
const http = [{ name: 'http', protocol: 'TCP', port: 8080 }];

/** Addresses to which the sender's node sends new connections. */
const usable = (slices: readonly EndpointSlice[], change: Partial<Service['spec']> = {}, node = 'n1') => {
  const state = serviceState({ ...service, spec: { ...service.spec, ...change } }, slices, null);
  const port = servedPort(state);
  return port && usableEndpoints(state, port, node).map(({ address }) => address);
};

test('ports, address and selector', () => {
  expect(serviceState(service, [], null)).toEqual({
    namespace: 'shop',
    name: 'web',
    type: 'ClusterIP',
    address: '198.51.100.20',
    ports: [
      { name: 'dns', protocol: 'udp', number: 53, targetPort: '53' },
      { name: 'http', protocol: 'tcp', number: 80, targetPort: 'http' },
    ],
    askedPort: null,
    selector: 'app=web',
    onlyLocal: false,
    endpoints: [],
  });
});

test.each([
  ['no ready condition counts as ready', [endpoint('192.0.2.5', {})], ['192.0.2.5']],
  ['one that is not ready does not count', [endpoint('192.0.2.5', { ready: false, serving: false })], []],
  [
    'one that goes counts while no other is ready',
    [endpoint('192.0.2.5', { ready: false, serving: true, terminating: true })],
    ['192.0.2.5'],
  ],
  [
    'one that goes does not count beside a ready one',
    [endpoint('192.0.2.5', { ready: false, serving: true, terminating: true }), endpoint('192.0.2.6', { ready: true })],
    ['192.0.2.6'],
  ],
])('%s', (_, endpoints, addresses) => {
  expect(usable([slice(endpoints, http)])).toEqual(addresses);
});

test('a port that no slice has leads nowhere', () => {
  expect(usable([slice([endpoint('192.0.2.5', {})], [{ name: 'http', protocol: 'TCP', port: null }])])).toEqual([]);
  expect(usable([slice([endpoint('192.0.2.5', {})], null)])).toEqual([]);
});

test('local traffic stays on the node of the sender', () => {
  const slices = [slice([endpoint('192.0.2.5', {}, 'n1'), endpoint('192.0.2.6', {}, 'n2')], http)];
  expect(usable(slices, { internalTrafficPolicy: 'Local' })).toEqual(['192.0.2.5']);
  expect(usable(slices, { internalTrafficPolicy: 'Local' }, 'n3')).toEqual([]);
});

test.each([
  ['headless', { clusterIP: 'None' }],
  ['a name outside', { type: 'ExternalName', clusterIP: undefined as never }],
])('a Service that is %s has no address to translate', (_, change) => {
  expect(serviceState({ ...service, spec: { ...service.spec, ...change } }, [], null).address).toBeNull();
});

test.each<[string, Partial<Service['spec']>, readonly string[], string, string]>([
  ['of IPv6 alone', { clusterIP: '2001:db8::1' }, ['IPv6'], '2001:db8::1', '2001:db8::5'],
  ['of both', { clusterIPs: ['198.51.100.9', '2001:db8::1'] }, ['IPv6', 'IPv4'], '198.51.100.9', '192.0.2.5'],
  [
    'of both, IPv6 first',
    { clusterIP: '2001:db8::1', clusterIPs: ['2001:db8::1', '198.51.100.9'] },
    ['IPv6', 'IPv4'],
    '198.51.100.9',
    '192.0.2.5',
  ],
])('a Service %s is read in one family', (_, change, kinds, address, endpoints) => {
  const slices = kinds.map((addressType) => {
    const at = addressType === 'IPv6' ? '2001:db8::5' : '192.0.2.5';
    return { ...slice([endpoint(at, {})], http), addressType };
  });
  const state = serviceState({ ...service, spec: { ...service.spec, ...change } }, slices, null);
  expect([state.address, state.endpoints.map((one) => one.address), state.family]).toEqual([
    address,
    [endpoints],
    address.includes(':') ? 6 : undefined,
  ]);
});

const both = { clusterIP: '198.51.100.9', clusterIPs: ['198.51.100.9', '2001:DB8:0::1'] };
const only4 = { clusterIPs: ['198.51.100.9'] };
const headless = { clusterIP: 'None', clusterIPs: ['None'] };
test.each<[string, Partial<Service['spec']>, readonly string[], 4 | 6 | null, readonly unknown[]]>([
  ['of both, by IPv6', both, ['IPv4', 'IPv6'], 6, ['2001:db8::1', '198.51.100.9', ['2001:db8::5']]],
  ['of both, by IPv4', both, ['IPv6', 'IPv4'], 4, ['198.51.100.9', '2001:db8::1', ['192.0.2.5']]],
  ['of both, by none', both, ['IPv6', 'IPv4'], null, ['198.51.100.9', '2001:db8::1', ['192.0.2.5']]],
  ['of both, without an endpoint of IPv6', both, ['IPv4'], 6, ['2001:db8::1', '198.51.100.9', []]],
  ['of both, whose pods have IPv6 alone', both, ['IPv6'], null, ['2001:db8::1', '198.51.100.9', ['2001:db8::5']]],
  ['of both, whose pods have IPv6 alone, by IPv4', both, ['IPv6'], 4, ['198.51.100.9', '2001:db8::1', []]],
  ['of IPv4 alone, by IPv6', only4, ['IPv4'], 6, ['198.51.100.9', undefined, ['192.0.2.5']]],
  ['without an address, by IPv6', headless, ['IPv4', 'IPv6'], 6, [null, undefined, ['2001:db8::5']]],
])('a Service %s is read in the family that was asked for, where it has it', (_, change, kinds, wanted, read) => {
  const slices = kinds.map((addressType) => {
    const at = addressType === 'IPv6' ? '2001:db8:0:0::5' : '192.0.2.5';
    return { ...slice([endpoint(at, {})], http), addressType };
  });
  const state = serviceState({ ...service, spec: { ...service.spec, ...change } }, slices, null, wanted);
  expect([state.address, state.otherAddress, state.endpoints.map((one) => one.address)]).toEqual(read);
});

test('slices of another family and empty lists hold nothing', () => {
  const other = { ...slice([endpoint('192.0.2.5', {})], http), addressType: 'IPv6' };
  expect(serviceState(service, [other, slice(null, http), slice([], http)], null).endpoints).toEqual([]);
});
