/** The probes of the datastore where that is the Kubernetes API: no command runs on a node (none is scripted). */
import { describe, expect, test } from '@jest/globals';
import type { KubernetesDatastore } from '../../../src/model/datastore-kind.ts';
import type { FactKey } from '../../../src/model/facts.ts';
import type { KubernetesObject } from '../../../src/model/kubernetes.ts';
import { calicoDatastore } from '../../../src/probes/datastore/calico-datastore.ts';
import { calicoEndpoint } from '../../../src/probes/datastore/calico-endpoint.ts';
import { calicoNodes } from '../../../src/probes/datastore/calico-nodes.ts';
import { policyObjects } from '../../../src/probes/datastore/policy-objects.ts';
import { sourceEndpoint } from '../../../src/probes/datastore/source-endpoint.ts';
import type { Probe } from '../../../src/model/probe.ts';
import { captured, droppedBy, leg, valueOf, withWalk } from '../../support/facts.ts';
import { clusterOf } from '../cluster-of.ts';
import { aPod, codeOf, probing } from '../scripted.ts';

const crd = 'crd.projectcalico.org/v1';
const home: KubernetesDatastore = { kind: 'kubernetes', api: crd, interfacePrefix: 'cali' };
const calicos = (kind: string, name: string, spec: object, namespace?: string): KubernetesObject =>
  ({ apiVersion: crd, kind, metadata: { name, ...(namespace ? { namespace } : {}) }, spec }) as KubernetesObject;
const core = (kind: string, name: string, more: object = {}, namespace?: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, ...(namespace ? { namespace } : {}), ...more },
});

const information = calicos('ClusterInformation', 'default', { datastoreReady: true, calicoVersion: 'v3.29.1' });
const pool = calicos('IPPool', 'a', { cidr: '10.244.0.0/16', ipipMode: 'Always' });
type Refused = Readonly<Record<string, number | null>>;
const facts = { 'datastore-kind': home };
const asking = (probe: Probe, objects: readonly KubernetesObject[], refused: Refused = {}, more: object = {}) =>
  probing(probe, { cluster: clusterOf(objects, { refused }), facts: { ...facts, ...more } });

describe('the datastore and its pools', () => {
  const look = (objects: readonly KubernetesObject[], refused: Refused = {}) => {
    const gathering = asking(calicoDatastore, objects, refused);
    return Promise.all((['datastore', 'pools'] as const).map((key: FactKey) => gathering.fact(key)));
  };
  test('ready, with its version and its pools', async () => {
    const [datastore, pools] = await look([information, pool]);
    expect(datastore).toMatchObject({
      status: 'observed',
      value: { node: null, kind: 'kubernetes', reachable: true, state: 'ready', clusterVersion: 'v3.29.1' },
    });
    expect(pools).toMatchObject({ status: 'observed', value: [{ spec: { cidr: '10.244.0.0/16' } }] });
    expect(pools?.evidence[0]?.excerpt).toBe('a: cidr 10.244.0.0/16, ipipMode Always');
  });
  test('locked, with eBPF switched on', async () => {
    const locked = calicos('ClusterInformation', 'default', { datastoreReady: false });
    const felix = calicos('FelixConfiguration', 'default', { bpfEnabled: true });
    expect((await look([locked, felix, pool]))[0]).toMatchObject({ value: { state: 'locked', bpfEnabled: true } });
  });
  test('a pool that says no range is none', async () => {
    expect((await look([information, calicos('IPPool', 'a', {})]))[1]).toMatchObject({ value: [] });
  });
  test.each<[string, readonly KubernetesObject[], Refused, readonly string[]]>([
    ['neither object is there', [], {}, ['not-credible', 'not-credible']],
    ['never initialised', [pool], {}, ['observed', 'observed']],
    ['silent', [], { ClusterInformation: null, IPPool: null }, ['api-unreachable', 'api-unreachable']],
    ['pools may not be read', [information], { IPPool: 403 }, ['observed', 'api-forbidden']],
    ['its state may not be read', [pool], { ClusterInformation: 403 }, ['api-forbidden', 'observed']],
    ["Felix's settings may not be read", [information, pool], { FelixConfiguration: 403 }, ['observed', 'observed']],
  ])('%s', async (_, objects, refused, codes) => {
    expect((await look(objects, refused)).map((fact) => codeOf(fact))).toEqual(codes);
  });
});

const source = async (objects: readonly KubernetesObject[]) => {
  const flow = valueOf(await captured('healthy-kdd-nft'), 'flow');
  const gathering = asking(sourceEndpoint, objects, {}, { flow, pods: [] });
  return Promise.all((['source-endpoint', 'source-profiles'] as const).map((key: FactKey) => gathering.fact(key)));
};

describe('the endpoint and its profiles', () => {
  const pod = { ...aPod, spec: { ...aPod.spec, serviceAccountName: 'web' } };
  const namespace = core('Namespace', 'default', { labels: { team: 'a' } });
  const account = core('ServiceAccount', 'web', { labels: { tier: 'front' } }, 'default');
  const look = (objects: readonly KubernetesObject[], refused: Refused = {}, of = pod) => {
    const gathering = asking(calicoEndpoint, objects, refused, { pod: of });
    return Promise.all((['endpoint', 'profiles'] as const).map((key: FactKey) => gathering.fact(key)));
  };
  test('are made of the pod, its namespace and its account', async () => {
    const [endpoint, profiles] = await look([namespace, account]);
    expect(endpoint).toMatchObject({ value: { metadata: { name: 'n1-k8s-p-eth0' }, spec: { node: 'n1' } } });
    expect(profiles).toMatchObject({
      value: [
        { name: 'kns.default', profile: { spec: { labelsToApply: { 'pcns.team': 'a' } } } },
        { name: 'ksa.default.web', profile: { spec: { labelsToApply: { 'pcsa.tier': 'front' } } } },
      ],
    });
  });
  test('an account that is gone takes its profile with it', async () => {
    expect((await look([namespace]))[1]).toMatchObject({
      value: [{ profile: {} }, { name: 'ksa.default.web', profile: null }],
    });
  });
  test.each<[string, Refused, string]>([
    ['the namespace may not be read', { Namespace: 403 }, 'api-forbidden'],
    ['no answer of the account', { ServiceAccount: null }, 'api-unreachable'],
  ])('%s', async (_, refused, code) => {
    expect((await look([namespace, account], refused)).map((fact) => codeOf(fact))).toEqual(['observed', code]);
  });
  test('a hostNetwork pod has none', async () => {
    const hosted = { ...pod, spec: { ...pod.spec, hostNetwork: true } };
    expect((await look([], {}, hosted)).map((fact) => codeOf(fact))).toEqual(['not-applicable', 'not-applicable']);
  });

  test("the source's too", async () => {
    const client = { ...core('Pod', 'client', {}, 'default'), spec: { ...pod.spec, nodeName: 'n2' } };
    const [endpoint, profiles] = await source([client, namespace, account]);
    expect(endpoint).toMatchObject({ value: { spec: { pod: 'client', node: 'n2' } } });
    expect(profiles).toMatchObject({ value: [{ name: 'kns.default' }, { name: 'ksa.default.web' }] });
  });
  test('a source that is gone is not known', async () => {
    expect((await source([])).map((fact) => codeOf(fact))).toEqual(['api-not-found', 'api-not-found']);
  });
});

const overIpip = await captured('healthy-kdd-nft');
const denied = await captured('k8s-deny-ingress-legacy');

const node = (name: string, address: string) =>
  core('Node', name, { annotations: { 'projectcalico.org/IPv4Address': address } });

describe("Calico's objects of nodes", () => {
  const refusing = withWalk(
    overIpip,
    droppedBy(
      leg(overIpip, 'target-outer'),
      { kind: 'calico-static', name: 'cali-INPUT' },
      { comments: ['Drop IPIP packets from non-Calico hosts'] },
    ),
  );
  const look = (objects: readonly KubernetesObject[], refused: Refused = {}) =>
    asking(calicoNodes, objects, refused, {
      flow: valueOf(refusing, 'flow'),
      walks: valueOf(refusing, 'walks'),
      'routes@target': valueOf(refusing, 'routes@target'),
      'routes@source': valueOf(refusing, 'routes@source'),
      pod: valueOf(refusing, 'pod'),
      nodes: ['n1', 'n2'].map((name, at) => ({
        metadata: { name },
        status: { addresses: [{ type: 'InternalIP', address: `10.250.0.1${at + 1}` }] },
      })),
    }).fact('calico-nodes');
  test('stand in annotations', async () => {
    const fact = await look([node('n1', '10.250.0.11/24'), node('n2', '192.168.77.12/24')]);
    expect(fact).toMatchObject({
      value: [
        { node: 'n2', object: { spec: { bgp: { ipv4Address: '192.168.77.12/24' } } } },
        { node: 'n1', object: { spec: { bgp: { ipv4Address: '10.250.0.11/24' } } } },
      ],
    });
    expect(fact.evidence[0]?.excerpt).toBe('projectcalico.org/IPv4Address: 192.168.77.12/24');
  });
  test('a node that is gone, and one that cannot be read', async () => {
    expect(await look([node('n2', '10.250.0.12/24')])).toMatchObject({ value: [{}, { node: 'n1', object: null }] });
    expect(codeOf(await look([], { Node: 403 }))).toBe('api-forbidden');
  });
});

describe('policies, tiers and network sets', () => {
  const allow = { types: ['Ingress'], selector: "app == 'web'", ingress: [{ action: 'Allow' }] };
  const own = [
    calicos('NetworkPolicy', 'default.web', allow, 'default'),
    calicos('NetworkPolicy', 'default.web', allow, 'shop'),
    calicos('GlobalNetworkPolicy', 'security.all', { ...allow, tier: 'security' }),
    calicos('Tier', 'security', { order: 10 }),
    calicos('NetworkSet', 'partners', { nets: ['192.0.2.0/24'] }, 'shop'),
    calicos('GlobalNetworkSet', 'everybody', { nets: ['198.51.100.0/24'] }),
  ];
  const kubernetes = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'deny-all', namespace: 'default' },
    spec: { podSelector: {} },
  } as KubernetesObject;
  const served: Refused = { AdminNetworkPolicy: 404, BaselineAdminNetworkPolicy: 404, ClusterNetworkPolicy: 404 };
  const look = (objects: readonly KubernetesObject[], refused: Refused = served, of = home) =>
    asking(policyObjects, objects, refused, {
      'datastore-kind': of,
      flow: valueOf(denied, 'flow'),
      walks: valueOf(denied, 'walks'),
      endpoint: valueOf(denied, 'endpoint'),
      profiles: valueOf(denied, 'profiles'),
      nodes: valueOf(denied, 'nodes'),
      pod: valueOf(denied, 'pod'),
    }).fact('policy-objects');
  test("of the endpoint's namespace, with those of Kubernetes, and every network set", async () => {
    const fact = await look([...own, kubernetes]);
    expect(fact).toMatchObject({ status: 'observed', value: { egress: null } });
    const ingress = fact.status === 'observed' ? fact.value.ingress : null;
    expect(ingress?.policies.map(({ kind, metadata }) => [kind, metadata.namespace, metadata.name])).toEqual([
      ['NetworkPolicy', 'default', 'default.web'],
      ['GlobalNetworkPolicy', undefined, 'security.all'],
      ['KubernetesNetworkPolicy', 'default', 'knp.default.deny-all'],
    ]);
    expect(ingress?.tiers).toMatchObject([{ metadata: { name: 'security' }, spec: { order: 10 } }]);
    expect(ingress?.networkSets.map(({ metadata }) => metadata.name)).toEqual(['partners', 'everybody']);
    expect(ingress?.unreadNamespaces).toEqual([]);
    expect(fact.evidence[0]?.excerpt).toContain("selector: app == 'web'");
  });
  test('a kind that this version of Calico does not have has no objects', async () => {
    expect(await look(own, { ...served, Tier: 404, NetworkSet: 404 })).toMatchObject({
      value: { ingress: { tiers: [], networkSets: [{ metadata: { name: 'everybody' } }] } },
    });
  });
  describe('policies for the whole cluster', () => {
    const guard = {
      apiVersion: 'policy.networking.k8s.io/v1alpha2',
      kind: 'ClusterNetworkPolicy',
      metadata: { name: 'guard' },
      spec: { tier: 'Admin', priority: 1, subject: { namespaces: {} }, ingress: [{ action: 'Deny', from: [{}] }] },
    } as KubernetesObject;
    const some: Refused = { AdminNetworkPolicy: 404, BaselineAdminNetworkPolicy: 404 };
    const globals = async (calicoVersion: string | null) => {
      const information = calicos('ClusterInformation', 'default', { calicoVersion });
      const fact = await look([...own, guard, ...(calicoVersion === null ? [] : [information])], some);
      if (fact.status === 'unavailable') return fact.code;
      return fact.value.ingress?.policies.filter(({ kind }) => kind === 'KubernetesClusterNetworkPolicy').length;
    };
    test('count where this version of Calico enforces them', async () => {
      expect(await globals('v3.32.1')).toBe(1);
      expect(await globals('v3.31.0')).toBe(0);
    });
    test('are a gap where the version is not known', async () => {
      expect(await globals(null)).toBe('needed-fact-missing');
    });
  });
  test.each<[string, readonly KubernetesObject[], Refused, string]>([
    ['tiers may not be read', own, { ...served, Tier: 403 }, 'api-forbidden'],
    ['no answer', own, { ...served, GlobalNetworkPolicy: null }, 'api-unreachable'],
    ['a rule of another shape', [calicos('GlobalNetworkPolicy', 'a', { ingress: [{}] })], served, 'not-parsed'],
    [
      'more than may be read',
      Array.from({ length: 2000 }, (_, at) => calicos('GlobalNetworkSet', `s${at}`, {})),
      served,
      'output-too-large',
    ],
  ])('half of them are worse than none: %s', async (_, objects, refused, code) => {
    expect(codeOf(await look(objects, refused))).toBe(code);
  });
  test("by Calico's own API, where that alone is served", async () => {
    const objects = own.map((one) => ({ ...one, apiVersion: 'projectcalico.org/v3' }));
    const fact = await look(objects, served, { ...home, api: 'projectcalico.org/v3' });
    expect(fact).toMatchObject({ value: { ingress: { policies: [{ metadata: { name: 'default.web' } }, {}] } } });
  });
});
