/** The facts of a healthy cluster, broken as each rule knows it. */
import { beforeAll } from '@jest/globals';
import { observed } from '../../src/model/evidence.ts';
import { expects } from '../support/expectations.ts';
import type { FelixState } from '../../src/model/control-plane.ts';
import type { Leg } from '../../src/model/flow-walk.ts';
import { captured, changed, droppedBy, failing, leg, valueOf, withWalk, type Facts } from '../support/facts.ts';
import { lost, policy, rerouted, route } from '../support/ways.ts';

const dead: FelixState = { processes: [], liveness: null, readiness: null };
const live: FelixState = { processes: ['7 calico-felix'], liveness: 200, readiness: 200 };
const withPod = (facts: Facts, status: { readonly phase: string; readonly podIP?: string }) =>
  changed(facts, { pod: { ...valueOf(facts, 'pod'), status } });
const withEndLeg = (facts: Facts, which: Leg, owner: Parameters<typeof droppedBy>[1], comments: readonly string[]) =>
  withWalk(facts, droppedBy(leg(facts, which), owner, { comments }));
const withTunnel = (facts: Facts) =>
  changed(facts, {
    'links@source': valueOf(facts, 'links@source').map((link) =>
      link.name === 'tunl0' ? { ...link, flags: [] } : link,
    ),
  });
/** A route that only looks wrong is none where the flow works. */
export const withoutBlocks = (facts: Facts, key: 'routes@target' | 'routes@source') =>
  rerouted(lost(facts), {
    [key]: valueOf(facts, key).filter(({ device, destination }) => device !== 'tunl0' && destination !== '0.0.0.0/0'),
  });
const deviceOf = (facts: Facts) => valueOf(facts, 'flow').destination.interface ?? '';

const withGuard = (facts: Facts, which: Leg) =>
  withEndLeg(facts, which, { kind: 'endpoint', name: 'cali1' }, ['Endpoint admin disabled']);
const withForeign = (facts: Facts, which: Leg) =>
  withEndLeg(facts, which, { kind: 'foreign', name: 'DOCKER' }, ['theirs']);

const withReversePath = (facts: Facts, which: Leg) =>
  withWalk(
    facts,
    droppedBy(
      leg(facts, which),
      { kind: 'calico-static', name: 'cali-PREROUTING' },
      { table: 'raw', chain: 'cali-PREROUTING', text: '-A cali-PREROUTING -m rpfilter --validmark --invert -j DROP' },
    ),
  );

/** What makes each rule fail, and leaves as it is what the others look at. */
export const broken: Readonly<Record<string, (facts: Facts) => Facts>> = {
  'pod-not-running': (facts) => withPod(facts, { phase: 'Pending' }),
  'cni-plugin-failing': (facts) => ({
    ...withPod(facts, { phase: 'Pending' }),
    'pod-events': observed([
      {
        reason: 'FailedCreatePodSandBox',
        message: 'plugin type="calico" failed (add): stat /var/lib/calico/nodename: no such file or directory',
        at: '2026-11-23T18:00:00Z',
        count: 1,
      },
    ]),
  }),
  'address-pool-exhausted': (facts) => ({
    ...facts,
    'pod-events': observed([
      {
        reason: 'FailedCreatePodSandBox',
        message: 'plugin type="calico" failed (add): No IPs available in pools: [10.244.0.0/16]',
        at: '2026-11-23T18:00:00Z',
        count: 1,
      },
    ]),
  }),
  'node-unreachable': (facts) =>
    changed(facts, {
      'node-answers': [
        {
          node: 'n1',
          address: '10.0.0.1',
          from: 'n2',
          answers: [],
          neighbour: 'silent',
          control: 'n3',
          itself: 'silent',
        },
      ],
    }),
  'vxlan-lost-between-nodes': (facts) => {
    const { places } = valueOf(facts, 'path-capture');
    const pings = { control: ['p'], largeControl: [], controlReplies: [] };
    const seen = { replies: [], largeRequests: [], ...pings, droppedByKernel: 0, outer: [] };
    return changed(facts, {
      'path-capture': {
        encapsulation: 'vxlan',
        places: places.map((place) => ({
          ...place,
          ...seen,
          requests: place.hop === 'source-card' ? ['a', 'b', 'c'] : [],
        })),
      },
    });
  },
  'rule-set-unreadable': (facts) => {
    const line =
      '2026-11-23 17:59:50.000 [WARNING][63] felix/table.go 1: iptables-nft-save command failed after retries';
    const at = '2026-11-23T18:00:00.000Z';
    return {
      ...facts,
      'felix-log@target': observed([line], [{ command: 'log', node: null, at, excerpt: line, file: null }]),
    };
  },
  'typha-unavailable': (facts) =>
    changed(facts, {
      typha: {
        namespace: 'kube-system',
        name: 'calico-typha',
        wanted: 1,
        runsOn: [],
        readyOn: [],
        connections: [{ node: 'n1', state: 'none', to: [] }],
      },
    }),
  'node-name-mismatch': (facts) => ({
    ...changed(facts, { 'node-names': [{ node: 'n1', plugin: 'n1', felix: null }] }),
    'felix-log@target': observed(['Parsed value for FelixHostname: n1.example.com (from environment variable)']),
  }),
  // A Felix that waits for Typha runs, and is not live.
  'felix-not-running ← typha-unavailable': (facts) =>
    changed(facts, { 'felix@target': { ...live, liveness: 503, readiness: 503 } }),
  'pod-without-address': (facts) => withPod(facts, { phase: 'Pending' }),
  'port-not-listening': (facts) =>
    changed(facts, {
      flow: { ...valueOf(facts, 'flow'), port: { protocol: 'tcp', number: 8080 } },
      listeners: [],
      reachability: { attempts: [] },
    }),
  'pod-interface-missing': (facts) =>
    changed(facts, { 'links@target': valueOf(facts, 'links@target').filter(({ name }) => name !== deviceOf(facts)) }),
  'pod-interface-down': (facts) =>
    changed(facts, {
      'links@target': valueOf(facts, 'links@target').map((link) =>
        link.name === deviceOf(facts) ? { ...link, flags: [] } : link,
      ),
    }),
  'pod-route-missing': (facts) =>
    rerouted(facts, {
      'routes@target': valueOf(facts, 'routes@target').filter(
        ({ destination }) => destination !== `${valueOf(facts, 'flow').destination.address}/32`,
      ),
    }),
  'tunnel-device-down': withTunnel,
  'block-route-missing': (facts) => withoutBlocks(facts, 'routes@source'),
  'datastore-unreachable': (facts) =>
    changed(facts, { datastore: { ...valueOf(facts, 'datastore'), reachable: false, error: 'no answer in time' } }),
  'datastore-not-ready': (facts) => changed(facts, { datastore: { ...valueOf(facts, 'datastore'), state: 'locked' } }),
  'pod-profile-missing': (facts) => facts,
  'policy-denies-ingress': (facts) => withEndLeg(facts, 'target-ingress', { kind: 'policy', name: 'p' }, []),
  'source-address-rewritten': (facts) =>
    withWalk(facts, {
      ...leg(facts, 'target-ingress'),
      rewritten: { asked: '10.244.2.7', now: '10.244.2.0', by: null, decisionAsAsked: 'accept' },
    }),
  'calico-hooks-missing': (facts) =>
    changed(facts, {
      'calico-hooks': [
        { node: 'n1', backend: 'iptables-legacy', table: 'filter', chain: 'FORWARD', flaw: 'jump', rule: null },
      ],
    }),
  'calico-guard-drops': (facts) => withGuard(facts, 'reply-target-egress'),
  'foreign-rule-drops': (facts) => withForeign(facts, 'reply-target-egress'),
  // A /32 is the asked packet's way, not its reply's.
  'calico-guard-drops ← pod-route-wrong': (facts) => withGuard(facts, 'target-ingress'),
  'foreign-rule-drops ← pod-route-wrong': (facts) => withForeign(facts, 'target-ingress'),
  'reverse-path-filtered': (facts) => withReversePath(facts, 'reply-target-egress'),
  // The node has the address of the client, and so no way back to it.
  'reverse-path-filtered ← pod-address-duplicated': (facts) => withReversePath(facts, 'target-ingress'),
  'routing-rule-diverts': (facts) =>
    rerouted(lost(facts), {
      'routing@target': policy([`9:	from ${valueOf(facts, 'flow').destination.address} lookup 52`], {
        52: [{ device: 'vpn0' }],
      }),
    }),
  'pod-route-wrong': (facts) =>
    rerouted(lost(facts), {
      'routes@target': valueOf(facts, 'routes@target').map((one) =>
        one.device === deviceOf(facts) ? { ...one, device: 'caliold' } : one,
      ),
    }),
  'pod-address-duplicated': (facts) =>
    rerouted(lost(facts), {
      'links@target': valueOf(facts, 'links@target').map((link) =>
        link.name === 'eth0'
          ? {
              ...link,
              addresses: [...link.addresses, { address: valueOf(facts, 'flow').source.address, prefixLength: 32 }],
            }
          : link,
      ),
    }),
  'pool-overlaps-another-network': (facts) =>
    rerouted(lost(facts), {
      'routes@target': [
        ...valueOf(facts, 'routes@target'),
        route({ destination: `${valueOf(facts, 'flow').source.address}/32`, device: 'docker0' }),
      ],
    }),
  // The asked packet ends before: only what a packet from the pod's own node proves is judged behind that.
  'calico-guard-drops ← felix-rules-stale': (facts) => {
    const denied = withEndLeg(facts, 'reply-target-egress', { kind: 'dispatch', name: 'cali-from-wl-dispatch' }, [
      'Unknown interface',
    ]);
    const { rule } = leg(denied, 'reply-target-egress').result;
    const rise = { packets: 3, bytes: 180 };
    const proof = { proof: 'counter', rule, sent: { packets: 3, length: 60 }, idle: null, rise, walked: rise } as const;
    return changed(denied, {
      'drop-counters': {
        bursts: [
          {
            node: 'n1',
            leg: 'reply-target-egress',
            reached: 'unknown',
            flow: 'same-node',
            sent: 3,
            length: 60,
            proof: { ...proof, readings: null, failed: [] },
          },
        ],
      },
    });
  },
  'vxlan-neighbour-lost': (facts) =>
    changed(facts, {
      'tunnel-neighbours': ['n1', 'n2'].map((peer) => ({
        node: peer === 'n1' ? 'n2' : 'n1',
        peer,
        device: 'vxlan.calico',
        gateway: '10.244.9.0',
        entry: null,
        destinations: [],
      })),
      sightings: { points: [] },
    }),
  'tunnel-source-refused': (facts) =>
    withEndLeg(facts, 'target-outer', { kind: 'calico-static', name: 'cali-INPUT' }, [
      'Drop IPIP packets from non-Calico hosts',
    ]),
  // Of the node to which the source has no route, or whose tunnel packets the pod's node refuses.
  'node-address-misdetected': (facts) =>
    changed(facts, {
      'calico-nodes': ['n1', 'n2'].map((node) => ({
        node,
        object: { metadata: { name: node }, spec: { bgp: { ipv4Address: '192.0.2.7/24' } } },
      })),
      'path-capture': { ...valueOf(facts, 'path-capture'), places: [] },
    }),
  'calico-node-forbidden': (facts) =>
    changed(facts, {
      'calico-node-access': {
        account: { namespace: 'kube-system', name: 'calico-node' },
        reviews: [
          { user: 'u', groups: [], group: '', resource: 'namespaces', verb: 'list', allowed: false, reason: '' },
        ],
      },
    }),
  'felix-not-running': (facts) => changed(facts, { 'felix@target': dead, 'felix@source': dead }),
  'felix-rules-stale': (facts) => {
    const denied = withEndLeg(facts, 'target-ingress', { kind: 'policy', name: 'p' }, []);
    return changed(denied, {
      'expected-decisions': [expects('allow')],
      'later-walks': [leg(denied, 'target-ingress')],
      'felix@target': live,
    });
  },
  'controller-not-running': (facts) => changed(facts, { controller: { ...valueOf(facts, 'controller'), pods: [] } }),
  'controller-forbidden': (facts) => facts,
};

export let healthy: Facts;
export let withoutProfile: Facts;

beforeAll(async () => {
  healthy = failing(await captured('healthy-legacy'));
  withoutProfile = failing(await captured('profile-missing-rbac-legacy'));
});
