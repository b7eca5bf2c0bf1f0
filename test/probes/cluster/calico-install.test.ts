import { describe, expect, test } from '@jest/globals';
import type { Install } from '../../../src/model/install.ts';
import type { KubernetesObject } from '../../../src/model/kubernetes.ts';
import { calicoInstall } from '../../../src/probes/cluster/calico-install.ts';
import { controller } from '../../../src/probes/cluster/controller.ts';
import { startGathering } from '../../../src/engine/gather.ts';
import {
  byInstallation,
  installationOf,
  manifestObjects,
  operatorObjects,
  statusOf,
  workloadIn,
} from '../../support/installs.ts';
import { clusterOf } from '../cluster-of.ts';

type Refused = Readonly<Record<string, number | null>>;

function gathered(objects: readonly KubernetesObject[], refused: Refused = {}) {
  return startGathering(
    {
      probes: [controller, calicoInstall],
      computed: [],
      cluster: clusterOf(objects, { refused }),
      shells: { shell: () => fail(), usage: () => ({}), close: async () => {} },
      clock: { now: () => new Date('2026-11-23T18:00:00Z'), sleep: async () => {} },
    },
    { cluster: 'default', namespace: 'default', pod: 'p', from: null, port: null },
    'r-1',
    new AbortController().signal,
  );
}
function fail(): never {
  throw new Error('no node is asked');
}

async function installOf(objects: readonly KubernetesObject[], refused: Refused = {}): Promise<Install> {
  const fact = await gathered(objects, refused).fact('install');
  if (fact.status === 'unavailable') throw new Error(fact.reason);
  return fact.value;
}

describe('each way of installing Calico', () => {
  test('a manifest: parts in kube-system that nobody owns', async () => {
    expect(await installOf(manifestObjects)).toEqual({
      kind: 'manifest',
      node: {
        kind: 'DaemonSet',
        namespace: 'kube-system',
        name: 'calico-node',
        selector: 'k8s-app=calico-node',
        account: 'calico-node',
        owner: null,
      },
      backend: null,
      controllers: expect.objectContaining({ namespace: 'kube-system', name: 'calico-kube-controllers', owner: null }),
      typha: null,
      apiServer: null,
      operator: null,
      unread: [],
    });
  });

  test.each(['bird', 'none'])('calico-node says what runs beside Felix: %s', async (backend) => {
    const node = workloadIn('kube-system', 'DaemonSet', 'calico-node');
    const containers = [{ name: 'calico-node', env: [{ name: 'CALICO_NETWORKING_BACKEND', value: backend }] }];
    const told = { ...node, spec: { ...node.spec, template: { spec: { containers } } } };
    expect(await installOf([told])).toMatchObject({ backend });
  });

  test.each<[Readonly<Record<string, string>>, string | undefined]>([
    [{ FELIX_NFTABLESMODE: 'Enabled', FELIX_IPTABLESBACKEND: 'NFT' }, 'nftables'],
    [{ FELIX_NFTABLESMODE: 'Disabled', FELIX_IPTABLESBACKEND: 'NFT' }, 'iptables-nft'],
    [{ FELIX_IPTABLESBACKEND: 'Legacy' }, 'iptables-legacy'],
    [{ FELIX_IPTABLESBACKEND: 'Auto' }, undefined],
    [{ FELIX_NFTABLESMODE: 'Auto' }, undefined],
    [{}, undefined],
  ])('calico-node says which packet filter Felix programs: %j', async (variables, packetFilter) => {
    const node = workloadIn('kube-system', 'DaemonSet', 'calico-node');
    const env = Object.entries(variables).map(([name, value]) => ({ name, value }));
    const told = {
      ...node,
      spec: { ...node.spec, template: { spec: { containers: [{ name: 'calico-node', env }] } } },
    };
    expect((await installOf([told])).packetFilter).toBe(packetFilter);
  });

  test('the operator: parts in calico-system that an Installation owns', async () => {
    const owner = { by: 'operator', name: 'Installation default' };
    expect(await installOf(operatorObjects)).toEqual({
      kind: 'operator',
      node: expect.objectContaining({ namespace: 'calico-system', selector: 'k8s-app=calico-node', owner }),
      backend: null,
      controllers: expect.objectContaining({ namespace: 'calico-system', account: 'calico-kube-controllers', owner }),
      typha: expect.objectContaining({ namespace: 'calico-system', name: 'calico-typha', owner }),
      apiServer: expect.objectContaining({ owner: { by: 'operator', name: 'APIServer default' } }),
      operator: {
        installation: 'default',
        owner: null,
        linuxDataplane: 'Iptables',
        version: 'v3.32.1',
        degraded: [],
      },
      unread: [],
    });
  });

  test('canal, and labels of other manifests', async () => {
    const canal = workloadIn('kube-system', 'DaemonSet', 'canal');
    const { selector: _, ...spec } = canal.spec;
    expect((await installOf([canal])).node).toMatchObject({ name: 'canal', selector: 'k8s-app=canal' });
    expect((await installOf([{ ...canal, spec } as KubernetesObject])).node).toMatchObject({ selector: null });
  });

  test.each<[string, Parameters<typeof workloadIn>[3], string]>([
    ['Helm', { annotations: { 'meta.helm.sh/release-name': 'calico' } }, 'helm'],
    ['GitOps', { labels: { 'kustomize.toolkit.fluxcd.io/name': 'infra' } }, 'other'],
    ['an addon manager', { labels: { 'app.kubernetes.io/managed-by': 'kops' } }, 'other'],
  ])('%s', async (_, metadata, kind) => {
    expect((await installOf([workloadIn('kube-system', 'DaemonSet', 'calico-node', metadata)])).kind).toBe(kind);
  });

  test('while Calico moves to its operator, the parts that run count', async () => {
    const running = {
      ...workloadIn('calico-system', 'DaemonSet', 'calico-node', byInstallation),
      status: { numberReady: 2 },
    };
    const left = { ...workloadIn('kube-system', 'DaemonSet', 'calico-node'), status: { numberReady: 0 } };
    expect((await installOf([left, running])).node?.namespace).toBe('calico-system');
    const waiting = workloadIn('calico-system', 'DaemonSet', 'calico-node', byInstallation);
    expect((await installOf([left, waiting])).node?.namespace).toBe('kube-system');
  });

  test('none that is known', async () => {
    expect(await installOf([])).toMatchObject({ kind: 'unknown', node: null, controllers: null, operator: null });
    expect((await installOf([workloadIn('elsewhere', 'DaemonSet', 'calico-node')])).kind).toBe('unknown');
  });

  test('an Installation beside parts of a manifest does not own them', async () => {
    expect(await installOf([...manifestObjects, installationOf()])).toMatchObject({
      kind: 'manifest',
      operator: { linuxDataplane: null },
    });
  });
});

const dataplaneOf = async (installation: KubernetesObject) =>
  (await installOf([installation])).operator?.linuxDataplane;

describe('what the operator says', () => {
  test.each(['Iptables', 'Nftables', 'BPF', 'VPP'])('linuxDataplane %s', async (wanted) => {
    expect(await dataplaneOf(installationOf(wanted))).toBe(wanted);
  });
  test('a dataplane that is not known, and none', async () => {
    expect(await dataplaneOf(installationOf('Magic'))).toBeNull();
    expect(await dataplaneOf({ kind: 'Installation', metadata: { name: 'default' } })).toBeNull();
  });
  test('what it worked out itself, where nobody asked for one', async () => {
    const computed = { calicoNetwork: { linuxDataplane: 'BPF' } };
    expect(await dataplaneOf({ ...installationOf(), status: { computed } } as KubernetesObject)).toBe('BPF');
  });
  test('who applies the Installation', async () => {
    const annotations = { 'meta.helm.sh/release-name': 'calico', 'meta.helm.sh/release-namespace': 'tigera-operator' };
    const owned = { ...installationOf(), metadata: { name: 'default', annotations } };
    expect((await installOf([owned])).operator?.owner).toEqual({
      by: 'helm',
      name: 'Helm release calico of namespace tigera-operator',
    });
  });
  test('degraded components with its message', async () => {
    const found = await installOf([installationOf(), statusOf('calico', 'pods fail'), statusOf('apiserver')]);
    expect(found.operator?.degraded).toEqual([{ component: 'calico', message: 'pods fail' }]);
  });
});

describe('what could not be read', () => {
  test('without calico-node the install is not known', async () => {
    const there = { kind: 'Namespace', metadata: { name: 'calico-system' } };
    const gathering = gathered([...operatorObjects, there], { 'DaemonSet calico-system': 403 });
    expect(await gathering.fact('install')).toMatchObject({ status: 'unavailable', code: 'api-forbidden' });
    expect(await gathered([there], { DaemonSet: null }).fact('install')).toMatchObject({ code: 'api-unreachable' });
  });
  test('a refused Installation is a blind spot, and the parts are told', async () => {
    const gathering = gathered(operatorObjects, { Installation: 403 });
    expect(await gathering.fact('install')).toMatchObject({ value: { kind: 'operator', operator: null } });
    expect(gathering.missed().map(({ probe, fact }) => [probe, fact.code])).toEqual([
      ['calico-install', 'api-forbidden'],
    ]);
  });
  test('rights that an older manifest of the bot lacks are one blind spot', async () => {
    const gathering = gathered(manifestObjects, {
      Installation: 403,
      TigeraStatus: 403,
      'Deployment kube-system': 403,
    });
    expect(await gathering.fact('install')).toMatchObject({ value: { kind: 'manifest', controllers: null } });
    expect(gathering.missed().filter(({ probe }) => probe === 'calico-install')).toHaveLength(1);
  });
  test('an Installation that was not answered for is only noted', async () => {
    const gathering = gathered(manifestObjects, { Installation: null });
    expect(await gathering.fact('install')).toMatchObject({ value: { unread: ['read Installation: not here'] } });
    expect(gathering.missed()).toEqual([]);
  });
  test('statuses that were refused leave the Installation', async () => {
    expect((await installOf([installationOf('BPF')], { TigeraStatus: 403 })).operator).toMatchObject({
      linuxDataplane: 'BPF',
      degraded: [],
    });
  });
  test('the part of another namespace counts where one is refused after it was found', async () => {
    const objects = [workloadIn('kube-system', 'DaemonSet', 'calico-node', byInstallation)];
    expect((await installOf(objects, { 'DaemonSet calico-system': 403 })).node?.namespace).toBe('kube-system');
  });
});
