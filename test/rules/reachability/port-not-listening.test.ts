import { portNotListening as rule } from '../../../src/rules/reachability/port-not-listening.ts';
import { tried } from '../../support/attempts.ts';
import { blind, droppedBy, leg, undecided, valueOf, withWalk } from '../../support/facts.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';
import {
  socket,
  healthy,
  having,
  heldByNode,
  root,
  latent,
  datagrams,
  works,
  two,
  toHost,
  flowRefused,
  flowLost,
  nodeRefused,
  nodeLost,
  address,
} from './listening-given.ts';

testRule(rule, {
  lab: 'port-closed',
  rows: [
    [
      'fails where a node refuses connections of others and its own',
      () => toHost('node', flowRefused, { ...works, what: 'own-node', port: { protocol: 'icmp' } }, nodeRefused),
      [{ finding: 'refusedByNode Node n1 @n1 inferred stops', data: { host: 'node n1', ports: '8080/tcp' } }],
    ],
    [
      'inconclusive: a node answers itself, so that something before it refused',
      () => toHost('node', flowRefused, tried('own-node', 8080, 'reply')),
      'inconclusive',
    ],
    [
      'fails, and leaves open who refuses, where a node was not asked from itself',
      () => toHost('node', flowRefused),
      ['refusedByHost Node n1 @n1 inferred stops'],
    ],
    [
      'fails where a host outside refuses connections',
      () => toHost('outside', flowRefused),
      [{ finding: `refusedByHost Node ${address} @n1 inferred stops`, data: { host: address } }],
    ],
    ['does not apply: a host outside does not answer', () => toHost('outside', flowLost), 'not-applicable'],
    ['passes: a host outside answers', () => toHost('outside', works), 'pass'],
    [
      'does not apply: a rule may have refused what goes to a host outside',
      () => {
        const owner = { kind: 'foreign', name: 'FORWARD', direction: null } as const;
        return withWalk(toHost('outside', flowRefused), droppedBy(leg(healthy, 'source-egress'), owner));
      },
      'not-applicable',
    ],
    [
      'fails, and stops the flow: the pod itself was seen to refuse: no listener; refused on an open way (1)',
      () => having([], [flowRefused]),
      [{ finding: root('nothing')[0] ?? '', lacks: ['pod:default/mypod', 'servicePort:default/mypod'] }],
    ],
    [
      'fails, and stops the flow: the pod itself was seen to refuse: no listener; refused on an open way (2)',
      () => having([socket(80), socket(18080)], [flowRefused]),
      [{ finding: root('nothing')[0] ?? '', data: { instead: ', but on 80/tcp, 18080/tcp' } }],
    ],
    [
      'fails: other ports are named, the lowest first, without those that nobody can reach or that are asked about',
      () =>
        having(
          [9000, 80, 443, 80, 7000]
            .map((port) => socket(port))
            .concat(socket(22, { address: '127.0.0.1' }), socket(9090)),
          [flowRefused, tried('other-port', 9090, 'reply')],
          two,
        ),
      [
        {
          finding: root('nothing')[0] ?? '',
          data: { ports: '8080/tcp, 9100/tcp', instead: ', but on 80/tcp, 443/tcp, 7000/tcp and 1 more' },
        },
      ],
    ],
    [
      "fails: a hostNetwork pod's node listens on much that is not the pod's",
      () =>
        having([socket(22)], [flowRefused], {
          destination: { ...valueOf(healthy, 'flow').destination, interface: null },
        }),
      [{ finding: root('nothing')[0] ?? '', data: { instead: '' } }],
    ],
    [
      "fails, and stops the flow: the pod itself was seen to refuse: no listener; the asked packets are lost, and the pod's own node is refused: both stop it",
      () => having([], [flowLost, nodeRefused]),
      root('nothing'),
    ],
    ...(
      [
        ['127.0.0.1', null],
        ['::1', null],
        ['10.244.9.9', null],
        ['::', null],
        ['0.0.0.0', 'lo'],
        ['::ffff:127.0.0.1', null],
      ] as const
    ).map(([at, device]): RuleRow => [
      `fails, and stops the flow: the pod itself was seen to refuse: only at ${at} (interface ${device})`,
      () => having([socket(8080, { address: at, device })], [flowRefused, nodeRefused]),
      root('elsewhere'),
    ]),
    [
      "fails, and stops the flow: the pod itself was seen to refuse: the accept queue is full, and not even the pod's own node is answered",
      () => having([socket(8080, { queued: 6, backlog: 5 })], [flowLost, nodeLost]),
      root('full'),
    ],
    [
      'fails, and stops the flow: the pod itself was seen to refuse: on the host network',
      () => {
        const { destination } = valueOf(healthy, 'flow');
        return having([], [flowRefused], { destination: { ...destination, interface: null } });
      },
      root('nothing'),
    ],
    [
      'fails, but is not known to stop the flow: the packets are lost on the way, and nothing says what the pod does (1)',
      () => having([], [flowLost]),
      latent('nothing'),
    ],
    [
      'fails, but is not known to stop the flow: the packets are lost on the way, and nothing says what the pod does (2)',
      () => having([], [flowLost, nodeLost]),
      latent('nothing'),
    ],
    [
      "fails, but is not known to stop the flow: a rule on the way rejects: its refusal is not the pod's (1)",
      () => {
        const walk = droppedBy(leg(healthy, 'target-ingress'), { kind: 'foreign', name: 'INPUT' });
        return withWalk(having([], [flowRefused]), walk);
      },
      latent('nothing'),
    ],
    [
      "fails, but is not known to stop the flow: a rule on the way rejects: its refusal is not the pod's (2)",
      () => {
        const walk = droppedBy(leg(healthy, 'target-ingress'), { kind: 'foreign', name: 'INPUT' });
        return withWalk(having([], [flowRefused, nodeRefused]), walk);
      },
      root('nothing'),
    ],
    [
      'fails, but is not known to stop the flow: whose refusal it was is not certain (1)',
      () => withWalk(having([], [flowRefused]), undecided(leg(healthy, 'target-ingress'))),
      latent('nothing'),
    ],
    [
      'fails, but is not known to stop the flow: whose refusal it was is not certain (2)',
      () => blind(having([], [flowRefused]), ['walks']),
      latent('nothing'),
    ],
    [
      'fails, but is not known to stop the flow: a full queue of which only the asked packets tell',
      () => having([socket(8080, { queued: 6, backlog: 5 })], [flowLost]),
      latent('full'),
    ],
    [
      'another declared port: a refusal alone is not enough: nobody walked its way',
      () =>
        having(
          [socket(8080), socket(9100)],
          [works, tried('other-port', 9090, 'refused'), tried('other-port', 9100, 'reply')],
          two,
        ),
      latent('nothing'),
    ],
    ...([['*'], ['0.0.0.0'], ['its own address']] as const).map(([at]): RuleRow => [
      `passes: it listens at ${at}`,
      () => having([socket(8080, { address: at === 'its own address' ? address : at })], [flowLost, nodeLost]),
      'pass',
    ]),
    ...(['other-pod', 'service'] as const).map((what): RuleRow => [
      `fails where another end answers on the same port: ${what}`,
      () => having([], [flowRefused, nodeRefused, tried(what, 8080, 'reply')]),
      root('nothing'),
    ]),
    ...([['*'], ['0.0.0.0'], ['its own address']] as const).map(([at]): RuleRow => [
      `fails: it listens at ${at} now, and refuses all the same`,
      () =>
        having(
          [socket(8080, { address: at === 'its own address' ? `::ffff:${address}` : at })],
          [flowRefused, nodeRefused],
        ),
      [
        {
          finding: root('refuses')[0] ?? '',
          lacks: [
            'pod:default/mypod',
            'servicePort:default/mypod',
            `soleAddress:n2/${address}`,
            `soleAddress:n1/${address}`,
          ],
        },
      ],
    ]),
    ...(
      [
        ['its own node is answered', () => having([socket(8080)], [flowRefused, tried('own-node', 8080, 'reply')])],
        ['its own node was not asked', () => having([socket(8080)], [flowRefused])],
        ['its own node alone is refused', () => having([socket(8080)], [flowLost, nodeRefused])],
        [
          'a rule may refuse for it',
          () =>
            withWalk(
              having([socket(8080)], [flowRefused, nodeRefused]),
              droppedBy(leg(healthy, 'source-egress'), { kind: 'foreign', name: 'FORWARD', direction: null }),
            ),
        ],
        ['its own node has the address, too', () => heldByNode(having([socket(8080)], [flowRefused, nodeRefused]))],
        ['its own rules were not read', () => blind(having([socket(8080)], [flowRefused, nodeRefused]), ['pod-walks'])],
      ] as const
    ).map(([why, facts]): RuleRow => [`passes: it listens, and who refuses is not certain: ${why}`, facts, 'pass']),
    [
      'passes: `::`, as old versions print what takes IPv4 too, while nothing is refused',
      () => having([socket(8080, { address: '::' })], [flowLost, nodeLost]),
      'pass',
    ],
    [
      'passes: an answer is an answer, whatever is listed: a mesh redirects inside the pod (1)',
      () => having([socket(8080, { address: '127.0.0.1' })], [tried('flow', 8080, 'reply')]),
      'pass',
    ],
    [
      'passes: an answer is an answer, whatever is listed: a mesh redirects inside the pod (2)',
      () => having([], [flowLost, tried('own-node', 8080, 'reply')]),
      'pass',
    ],
    [
      'passes: an answer is an answer, whatever is listed: a mesh redirects inside the pod (3)',
      () => having([], [tried('flow', 8080, 'none', 2)]),
      'pass',
    ],
    [
      'passes: a queue that is full to its limit and no further, or only one of two (1)',
      () => having([socket(8080, { queued: 5, backlog: 5 })], [flowLost, nodeLost]),
      'pass',
    ],
    [
      'passes: a queue that is full to its limit and no further, or only one of two (2)',
      () =>
        having([socket(8080, { queued: 6, backlog: 5 }), socket(8080, { address: '0.0.0.0' })], [flowLost, nodeLost]),
      'pass',
    ],
    [
      'passes: a queue that is full to its limit and no further, or only one of two (3)',
      () => having([socket(8080, { queued: 6, backlog: 5 })], [flowLost, tried('own-node', 8080, 'reply')]),
      'pass',
    ],
    [
      'fails where the pod itself refuses datagrams',
      () => having([], [{ ...flowRefused, port: datagrams }], { port: datagrams }),
      ['refused Pod default/mypod @n1 inferred stops'],
    ],
    [
      'inconclusive: the sockets could not be read',
      () => blind(having([], [flowRefused]), ['listeners'], 'not-recorded'),
      'inconclusive',
    ],
    [
      'inconclusive: nothing was sent: what listens on another address may be behind a redirect',
      () => blind(having([], []), ['reachability'], 'not-supported'),
      'inconclusive',
    ],
    [
      'does not apply: no TCP port, no sockets to look at, a pod to which nothing is sent (1)',
      () => having([], [], { port: { protocol: 'icmp' } }),
      'not-applicable',
    ],
    [
      'does not apply: no TCP port, no sockets to look at, a pod to which nothing is sent (2)',
      () => having([], [], { port: { protocol: 'udp', number: 53 } }),
      'not-applicable',
    ],
    [
      'does not apply: no TCP port, no sockets to look at, a pod to which nothing is sent (3)',
      () => blind(having([], []), ['listeners'], 'not-applicable'),
      'not-applicable',
    ],
    [
      'does not apply: no TCP port, no sockets to look at, a pod to which nothing is sent (4)',
      () => blind(having([], []), ['reachability'], 'not-applicable'),
      'not-applicable',
    ],
  ],
});
