/** Facts of interfaces and of pods' own networks, as a healthy node of Calico's has them. */
import { observed, type Evidence } from '../../src/model/evidence.ts';
import type { InterfaceSetting, PodNetwork } from '../../src/model/network.ts';
import { changed, valueOf, type Facts } from './facts.ts';

type Place = 'target' | 'source';
const evidenceFrom = (command: string, node: string, excerpt: string): readonly Evidence[] => [
  { command, node, at: '2026-11-23T18:00:00.000Z', excerpt, file: null },
];

/** As Calico leaves them: forwarding on everywhere, proxy ARP on the pods' interfaces, no reverse path filter. */
export function withSettings(facts: Facts): Facts {
  const at = (place: Place) => {
    const names = valueOf(facts, `links@${place}`).map(({ name }) => name);
    const interfaces = ['all', 'default', ...names].map((name): InterfaceSetting => ({
      name,
      forwarding: true,
      proxyArp: name.startsWith('cali'),
      reversePath: 0,
    }));
    const lines = interfaces.map(({ name }) => `/proc/sys/net/ipv4/conf/${name}/forwarding:1`);
    return observed({ interfaces, saved: [] }, evidenceFrom('grep -rsE …', 'n1', lines.join('\n')));
  };
  return { ...facts, 'interface-settings@target': at('target'), 'interface-settings@source': at('source') };
}

/** The same facts with other settings of one interface. */
export function withSetting(facts: Facts, place: Place, name: string, of: Partial<InterfaceSetting>): Facts {
  const settings = valueOf(facts, `interface-settings@${place}`);
  const interfaces = settings.interfaces.map((one) => (one.name === name ? { ...one, ...of } : one));
  return changed(facts, { [`interface-settings@${place}`]: { ...settings, interfaces } });
}

/** The same facts with a sysctl file that has this line. */
export function withSaved(facts: Facts, place: Place, file: string, line: string): Facts {
  const settings = valueOf(facts, `interface-settings@${place}`);
  return changed(facts, { [`interface-settings@${place}`]: { ...settings, saved: [{ file, line }] } });
}

const healthy: PodNetwork = {
  namespace: 'cni-1',
  links: [
    {
      name: 'eth0',
      index: 2,
      flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'],
      mtu: 1480,
      operState: 'UP',
      addresses: [{ address: '10.244.1.5', prefixLength: 32 }],
      kind: 'veth',
      peerNamespace: null,
      peerIndex: 5,
    },
  ],
  ownInterface: 'eth0',
  routes: ['default via 169.254.1.1 dev eth0', '169.254.1.1 dev eth0 scope link'],
  way: {
    kind: 'route',
    type: 'unicast',
    device: 'eth0',
    gateway: '169.254.1.1',
    table: 'main',
    preferredSource: null,
  },
  neighbours: [
    { node: 'n1', address: '169.254.1.1', device: 'eth0', linkAddress: 'ee:ee:ee:ee:ee:ee', state: 'REACHABLE' },
  ],
};

/** As Calico's CNI plugin leaves it, in both pods of the flow. */
export function withPodNetworks(facts: Facts): Facts {
  const { source, destination } = valueOf(facts, 'flow');
  const own = (address: string): PodNetwork => ({
    ...healthy,
    links: healthy.links.map((link) => ({ ...link, addresses: [{ address, prefixLength: 32 }] })),
  });
  const evidence = evidenceFrom('ip netns exec cni-1 bash -c …', 'n1', healthy.routes.join('\n'));
  return {
    ...facts,
    'pod-network': observed(own(destination.address), evidence),
    'source-pod-network': observed(own(source.address), evidence),
  };
}

/** The same facts where one pod's network is otherwise. */
export function withPodNetwork(
  facts: Facts,
  key: 'pod-network' | 'source-pod-network',
  of: Partial<PodNetwork>,
): Facts {
  return changed(facts, { [key]: { ...valueOf(facts, key), ...of } });
}
