/** Against what real Calico made of the same pods, namespaces, accounts and nodes. */
import { describe, expect, test } from '@jest/globals';
import {
  asCalicoShows,
  calicoNodeOf,
  endpointOfPod,
  profileOfAccount,
  profileOfNamespace,
} from '../../src/calico/kubernetes-datastore.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import { labelledAs } from '../cases/capture-stored.ts';
import { readCapture } from '../cases/capture.ts';

const captures = ['healthy-kdd-nft', 'calico-node-forbidden-new-pod-kdd-nft'].map(readCapture);
const [healthy = readCapture('healthy-kdd-nft')] = captures;

const podOf = ({ metadata, spec }: (typeof healthy.endpoints)[number]): Pod => ({
  metadata: {
    name: spec.pod ?? '',
    namespace: metadata.namespace ?? '',
    labels: Object.fromEntries(
      Object.entries(metadata.labels ?? {}).filter(([label]) => !label.startsWith('projectcalico.org/')),
    ),
  },
  spec: {
    nodeName: spec.node,
    containers: [{ name: 'main' }],
    ...(spec.serviceAccountName === undefined ? {} : { serviceAccountName: spec.serviceAccountName }),
  },
  status: { phase: 'Running', podIP: spec.ipNetworks[0]?.split('/')[0] ?? '' },
});
const pod: Pod = {
  metadata: { name: 'p', namespace: 'shop' },
  spec: { nodeName: 'node-1', serviceAccountName: 'web', containers: [{ name: 'main' }] },
  status: { phase: 'Running', podIP: '10.0.0.7' },
};
const networks = (more: Partial<Pod>) => endpointOfPod({ ...pod, ...more }, 'cali')?.spec.ipNetworks;
const noted = (annotations: Readonly<Record<string, string>>): Partial<Pod> => ({
  metadata: { ...pod.metadata, annotations },
});

describe('endpoints', () => {
  test.each(captures.flatMap((capture) => capture.endpoints.map((one) => [one.metadata.name, one] as const)))(
    '%s, as calicoctl printed it',
    (_, { metadata, spec }) => {
      const derived = endpointOfPod(podOf({ metadata, spec }), 'cali');
      expect(derived?.metadata).toEqual({
        name: metadata.name,
        namespace: metadata.namespace,
        labels: metadata.labels,
      });
      const { node, pod: name, interfaceName, ipNetworks, profiles, serviceAccountName } = spec;
      expect(derived?.spec).toEqual({
        node,
        pod: name,
        interfaceName,
        ipNetworks,
        profiles,
        serviceAccountName,
        ports: [],
      });
    },
  );
  test.each([
    ['on its network', { hostNetwork: true }],
    ['on no node yet', { nodeName: '' }],
  ])('a pod %s has none', (_, spec) => {
    expect(endpointOfPod({ ...pod, spec: { ...pod.spec, ...spec } }, 'cali')).toBeNull();
  });
  test("another CNI plugin's prefix", () => {
    expect(endpointOfPod(pod, 'eni')?.spec.interfaceName).toMatch(/^eni[0-9a-f]{11}$/);
  });
  test('without an account it has the profile of its namespace alone', () => {
    const { serviceAccountName: _, ...spec } = pod.spec;
    expect(endpointOfPod({ ...pod, spec }, 'cali')?.spec.profiles).toEqual(['kns.shop']);
  });
  test('ports with a name can be named by policies', () => {
    const ports = [{ name: 'http', containerPort: 80 }, { containerPort: 81 }];
    const named = { ...pod, spec: { ...pod.spec, containers: [{ name: 'main', ports }] } };
    expect(endpointOfPod(named, 'cali')?.spec.ports).toEqual([{ name: 'http', port: 80, protocol: 'TCP' }]);
  });
  test.each<[string, Partial<Pod>, readonly string[]]>([
    [
      'the CNI plugin wrote them',
      noted({ 'cni.projectcalico.org/podIPs': '10.0.0.9/32,fd00::9/128' }),
      ['10.0.0.9/32', 'fd00::9/128'],
    ],
    ['an older CNI plugin wrote one', noted({ 'cni.projectcalico.org/podIP': '10.0.0.9/32' }), ['10.0.0.9/32']],
    ['the kubelet alone knows it', {}, ['10.0.0.7/32']],
    ['both families', { status: { podIPs: [{ ip: '10.0.0.7' }, { ip: 'fd00::7' }] } }, ['10.0.0.7/32', 'fd00::7/128']],
    ['the network is gone', noted({ 'cni.projectcalico.org/podIP': '', 'cni.projectcalico.org/podIPs': '' }), []],
    ['it has ended', { status: { ...pod.status, phase: 'Succeeded' } }, []],
    ['none yet', { status: {} }, []],
  ])('addresses: %s', (_, more, expected) => {
    expect(networks(more)).toEqual(expected);
  });
});

test.each(
  healthy.profiles
    .filter(({ metadata }) => metadata.name.startsWith('k'))
    .map((one) => [one.metadata.name, one] as const),
)('profile %s, as calicoctl printed it', (name, profile) => {
  const [kind, namespace = '', ...account] = name.split('.');
  const labelled = labelledAs(
    healthy,
    name,
    kind === 'kns' ? { name: namespace } : { name: account.join('.'), namespace },
  );
  const derived = labelled && (kind === 'kns' ? profileOfNamespace : profileOfAccount)(labelled);
  expect(derived).toEqual({ metadata: { name }, spec: profile.spec });
});

describe('nodes', () => {
  test('what calico-node wrote', () => {
    const annotations = {
      'projectcalico.org/IPv4Address': '10.250.0.11/24',
      'projectcalico.org/IPv4IPIPTunnelAddr': '10.244.1.0',
    };
    expect(calicoNodeOf({ metadata: { name: 'n1', annotations } }).spec?.bgp).toEqual(
      healthy.nodes.find(({ metadata }) => metadata.name === 'n1')?.spec?.bgp,
    );
  });
  test('a node on which it never ran has no address', () => {
    expect(calicoNodeOf({ metadata: { name: 'n1' } })).toEqual({ metadata: { name: 'n1' }, spec: { bgp: {} } });
  });
});

const stored = (annotation: string, labels?: Readonly<Record<string, string>>) => ({
  kind: 'GlobalNetworkSet',
  metadata: {
    name: 'a',
    annotations: { 'projectcalico.org/metadata': annotation },
    ...(labels ? { labels } : {}),
  },
});

describe('stored objects', () => {
  test.each<[string, string, Readonly<Record<string, string>> | undefined, object | undefined]>([
    ['labels in the annotation alone', '{"labels":{"a":"b"}}', undefined, { a: 'b' }],
    ['labels of their own beside them', '{"labels":{"a":"b"}}', { c: 'd' }, { a: 'b', c: 'd' }],
    ['labels of their own alone', '{"uid":"x"}', { c: 'd' }, { c: 'd' }],
    ['no JSON', '{', undefined, undefined],
    ['no object', '7', undefined, undefined],
    ['labels of another shape', '{"labels":{"a":1}}', undefined, undefined],
  ])('%s', (_, annotation, own, labels) => {
    expect(asCalicoShows(stored(annotation, own), 'crd.projectcalico.org/v1').metadata.labels).toEqual(labels);
    expect(asCalicoShows(stored(annotation, own), 'projectcalico.org/v3').metadata.labels).toEqual(own);
  });
});
