import type { TrackedConnection } from '../../../src/model/connections.ts';
import type { Flow } from '../../../src/model/flow.ts';
import type { ReachAttempt } from '../../../src/model/reachability.ts';
import type { ServiceState } from '../../../src/model/service.ts';
import { conntrackEntryStale as rule } from '../../../src/rules/filter/conntrack-entry-stale.ts';
import { tcp, tried } from '../../support/attempts.ts';
import { blind, captured, changed, valueOf, type Facts } from '../../support/facts.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';

const healthy = await captured('healthy-legacy');
const flow: Flow = { ...valueOf(healthy, 'flow'), port: tcp(8080) };
const client = flow.source.address;
const goal = '198.51.100.20';
const gone = '192.0.2.60';
const member = flow.destination.address;
const web: ServiceState = {
  namespace: 'default',
  name: 'web',
  type: 'ClusterIP',
  address: goal,
  ports: [{ name: 'http', protocol: 'tcp', number: 8080, targetPort: '8080' }],
  askedPort: null,
  selector: 'app=web',
  onlyLocal: false,
  endpoints: [{ address: member, ready: 'yes', node: 'n1', pod: 'default/mypod', ports: [] }],
};
const entry = (to: string, change: Partial<TrackedConnection> = {}, sourcePort = 40_001): TrackedConnection => ({
  protocol: 'udp',
  state: null,
  original: { source: client, destination: goal, sourcePort, destinationPort: 8080 },
  reply: { source: to, destination: client, sourcePort: 8080, destinationPort: sourcePort },
  answered: true,
  expiresIn: 120,
  ...change,
});
const syn = (to: string, state = 'SYN_SENT') => entry(to, { protocol: 'tcp', state, answered: false });
const open = (to: string, expiresIn: number) => entry(to, { protocol: 'tcp', state: 'ESTABLISHED', expiresIn });

const works = [tried('flow', 8080, 'reply'), tried('service', 8080, 'reply')];
const having = (
  first: readonly TrackedConnection[],
  last: readonly TrackedConnection[] = first,
  attempts: readonly ReachAttempt[] = works,
  more: Partial<Flow> = { service: { name: 'default/web', address: goal, port: tcp(8080) } },
  kept: { readonly establishedSeconds?: number; readonly byPrograms?: true } = {},
): Facts =>
  changed(healthy, {
    flow: { ...flow, ...more },
    service: web,
    reachability: { attempts },
    'service-translation': { kind: 'endpoints', endpoints: [`${member}:8080`], rule: '-A KUBE-SERVICES' },
    'flow-connections': [
      {
        node: 'n2',
        destination: goal,
        port: 8080,
        ...kept,
        readings: [
          { at: '2026-11-23T18:00:00.000Z', tookMs: 100, connections: first },
          { at: '2026-11-23T18:00:02.200Z', tookMs: 100, connections: last },
        ],
      },
    ],
  });
/** What Calico's programs print: 2.1 s lie between the looks. */
const held = (to: string, idleSeconds: number, change: Partial<TrackedConnection> = {}) =>
  entry(to, { answered: false, expiresIn: null, idleSeconds, ...change });
const byPrograms = (first: readonly TrackedConnection[], last: readonly TrackedConnection[] = first) =>
  having(first, last, works, undefined, { byPrograms: true });
const used = ['used Service default/web @n2 read stops'];
const unused = ['unused Service default/web @n2 read'];

testRule(rule, {
  lab: 'conntrack-entry-stale',
  rows: [
    [
      'fails: packets renewed the entry, and new connections work',
      () => having([entry(gone)]),
      [
        {
          finding: 'used Service default/web @n2 read stops',
          data: { sentTo: `${gone}:8080`, sourcePort: '40001', address: gone, endpoints: member },
        },
      ],
    ],
    [
      'passes: a try that nothing answered, and that was given up, such as one of an earlier diagnosis',
      () => having([], [entry(gone, { answered: false, expiresIn: 29 })]),
      'pass',
    ],
    [
      'fails: the client tries again and again, and nothing answers',
      () =>
        having([entry(gone, { answered: false, expiresIn: 28 })], [entry(gone, { answered: false, expiresIn: 30 })]),
      used,
    ],
    ['fails: it was begun before kube-proxy knew the Service', () => having([entry(goal)]), used],
    ['passes: a connect that is given up within two minutes', () => having([], [syn(gone)]), 'pass'],
    [
      'fails without harm to new connections: data may be sent there again and again',
      () => having([], [open(gone, 298)]),
      ['open Service default/web @n2 read'],
    ],
    ...([300, 3600] as const).map((establishedSeconds): RuleRow => [
      `inconclusive: a node that forgets idle connections after ${establishedSeconds} s says nothing by their age`,
      () => having([], [open(gone, 298)], works, undefined, { establishedSeconds }),
      'inconclusive',
    ]),
    [
      'fails where the node says that it keeps idle connections for days',
      () => having([], [open(gone, 298)], works, undefined, { establishedSeconds: 432_000 }),
      ['open Service default/web @n2 read'],
    ],
    ['fails: several, one of them in use', () => having([entry(gone), entry(gone, {}, 40_002)]), used],
    [
      'fails without harm now: no packet of it passed',
      () => having([entry(gone)], [entry(gone, { expiresIn: 117 })]),
      unused,
    ],
    [
      'fails: a translation of the pod itself that is no more',
      () => having([entry(gone)], [entry(gone)], works, {}),
      ['used Pod default/mypod @n2 read stops'],
    ],
    [
      'fails: a packet of an entry of eBPF programs passed between the looks',
      () => byPrograms([held(gone, 0.4)], [held(gone, 0.3)]),
      [
        {
          finding: 'held Service default/web @n2 read stops',
          data: { sentTo: `${gone}:8080`, sourcePort: '40001', endpoints: member },
        },
      ],
    ],
    [
      'fails: data of a TCP connection of eBPF programs is sent again',
      () => byPrograms([held(gone, 1, { state: 'ESTABLISHED', protocol: 'tcp' })]),
      ['held Service default/web @n2 read stops'],
    ],
    [
      'passes: an entry of eBPF programs that no packet used',
      () => byPrograms([held(gone, 1)], [held(gone, 3.3)]),
      'pass',
    ],
    ['passes: one that was seen only once', () => byPrograms([], [held(gone, 0.1)]), 'pass'],
    ['passes: one that was closed', () => byPrograms([held(gone, 0.4, { state: 'RESET', protocol: 'tcp' })]), 'pass'],
    ['passes: an open connection that is idle', () => having([], [open(gone, 86_000)]), 'pass'],
    ['passes: a connection that is over', () => having([], [syn(gone, 'TIME_WAIT')]), 'pass'],
    ['passes: it leads to an endpoint', () => having([entry(member)]), 'pass'],
    ['passes: there is none', () => having([]), 'pass'],
    [
      'passes: new connections are sent there as well, by rules that are behind',
      () =>
        changed(having([entry(gone)]), {
          'service-translation': { kind: 'endpoints', endpoints: [`${gone}:8080`], rule: '-A KUBE-SERVICES' },
        }),
      'pass',
    ],
    [
      'inconclusive: new connections fail as well',
      () => having([entry(gone)], [entry(gone)], [tried('flow', 8080, 'reply'), tried('service', 8080, 'none')]),
      'inconclusive',
    ],
    ['inconclusive: the endpoints are not known', () => blind(having([entry(gone)]), ['service']), 'inconclusive'],
    [
      'inconclusive: whether new connections work is not known',
      () => blind(having([entry(gone)]), ['reachability']),
      'inconclusive',
    ],
    [
      'fails: the rules of kube-proxy are not known',
      () => blind(having([entry(gone, { expiresIn: 121 })], [entry(gone)]), ['service-translation']),
      used,
    ],
    [
      'does not apply to what leaves the cluster',
      () => having([], [], works, { destination: { ...flow.destination, kind: 'outside' } }),
      'not-applicable',
    ],
    ['inconclusive: the table was not read', () => blind(having([]), ['flow-connections']), 'inconclusive'],
    [
      'does not apply to a ping',
      () => blind(having([entry(gone)]), ['flow-connections'], 'not-applicable'),
      'not-applicable',
    ],
  ],
});
