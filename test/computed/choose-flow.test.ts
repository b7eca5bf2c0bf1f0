import { describe, expect, test } from '@jest/globals';
import type { FlowEnd } from '../../src/model/flow.ts';
import { describePort } from '../../src/model/target-grammar.ts';
import type { FlowPort } from '../../src/model/target.ts';
import {
  choosePorts,
  chooseSource,
  mostOtherPorts,
  remembering,
  type ChosenPorts,
  type IngressOf,
} from '../../src/computed/lib/choose-flow.ts';

const tcp = (number: number): FlowPort => ({ protocol: 'tcp', number });
const [web, metrics, admin] = [tcp(8080), tcp(9090), tcp(9100)];
const pod = (name: string, node: string): FlowEnd => ({
  kind: 'pod',
  namespace: 'default',
  name,
  address: '10.0.0.1',
  node,
  nodeAddress: null,
  interface: 'cali1',
});
const [far, further, near] = [pod('far', 'n2'), pod('further', 'n3'), pod('near', 'n1')];

/** Who is refused where, by policy P; `!port` is dropped by no policy. */
const ingress =
  (refused: Readonly<Record<string, readonly (FlowPort | string)[]>>): IngressOf =>
  ({ name }, port) => {
    const rules = refused[name] ?? [];
    if (rules.includes(port)) return { denied: true, policy: 'P' };
    return { denied: rules.includes(`!${describePort(port)}`), policy: null };
  };
const source = (sources: readonly FlowEnd[], ports: readonly FlowPort[], refused: Parameters<typeof ingress>[0]) => {
  const chosen = chooseSource(sources, ports, 'n1', ingress(refused));
  return [
    chosen.source.name,
    ...chosen.refusedByDesign.map(
      ({ source: by, policy, ports: on }) => `${by} ${policy} ${on ? on.map(describePort).join() : 'all'}`,
    ),
  ];
};
const said = ({ port, otherPorts, untriedPorts }: ChosenPorts) => [
  describePort(port),
  otherPorts
    .map((other) => `${describePort(other.port)}${other.source === far ? '' : ` by ${other.source.name}`}`)
    .join(' '),
  untriedPorts
    .map(
      ({ port: untried, refused }) =>
        `${describePort(untried)} ${refused ? `${refused.policy} ${refused.admitted}` : 'too many'}`,
    )
    .join(', '),
];

describe('the source', () => {
  test.each<[string, readonly FlowEnd[], readonly FlowPort[], Parameters<typeof ingress>[0], readonly string[]]>([
    ['the first, where nobody is refused', [far, further, near], [web], {}, ['far']],
    [
      'one that a policy refuses is passed over, and said',
      [far, further, near],
      [web],
      { far: [web] },
      ['further', 'default/far P all'],
    ],
    [
      'one that is refused on one of its ports, too, where another is on none',
      [far, further, near],
      [web, metrics],
      { far: [metrics] },
      ['further', 'default/far P 9090/tcp'],
    ],
    [
      'the one that is refused on the fewest',
      [far, further, near],
      [web, metrics, admin],
      { far: [web, metrics], further: [metrics], near: [metrics] },
      ['further', 'default/far P 8080/tcp'],
    ],
    [
      "not the neighbour that is admitted everywhere, while another node's pod is on one port",
      [far, near],
      [web, metrics],
      { far: [metrics] },
      ['far', 'default/far P 9090/tcp'],
    ],
    [
      'the neighbour, where every other is refused on every port',
      [far, further, near],
      [web, metrics],
      { far: [web, metrics], further: [web, metrics], near: [metrics] },
      ['near', 'default/far P 8080/tcp', 'default/further P 8080/tcp'],
    ],
    [
      'the first, where nobody is admitted: a fault and no design',
      [far, further, near],
      [web],
      { far: [web], further: [web], near: [web] },
      ['far'],
    ],
    ["a drop that is no policy's is no refusal", [far, further], [web], { far: ['!8080/tcp'] }, ['far']],
  ])('%s', (_, sources, ports, refused, expected) => {
    expect(source(sources, ports, refused)).toEqual(expected);
  });
  test('there must be one', () => {
    expect(() => chooseSource([], [web], 'n1', ingress({}))).toThrow('no source');
  });
});

describe('the judged port', () => {
  const ports = [web, metrics, admin] as const;
  test.each<[string, readonly FlowEnd[], Parameters<typeof ingress>[0], readonly string[]]>([
    ['the first, where none is denied', [far, further], {}, ['8080/tcp', '9090/tcp 9100/tcp', '']],
    [
      "the first that the node denies, whoever's rule it is",
      [far, further],
      { far: ['!9090/tcp', '!9100/tcp'] },
      ['9090/tcp', '8080/tcp 9100/tcp', ''],
    ],
    [
      'one that refuses everybody',
      [far, further],
      { far: [admin], further: [admin] },
      ['9100/tcp', '8080/tcp 9090/tcp', ''],
    ],
    [
      'one that admits another is refused by design: the other tries it, from a node at hand',
      [far, further, near],
      { far: [metrics] },
      ['8080/tcp', '9100/tcp 9090/tcp by near', ''],
    ],
    [
      'from a third node nobody can: it is not tried, and not judged',
      [far, further],
      { far: [metrics] },
      ['8080/tcp', '9100/tcp', '9090/tcp P pod:default/further'],
    ],
    [
      'where the source was asked about, a refusal is the answer',
      [],
      { far: [metrics] },
      ['9090/tcp', '8080/tcp 9100/tcp', ''],
    ],
  ])('%s', (_, others, refused, expected) => {
    expect(said(choosePorts(far, others, ports, 'n1', ingress(refused)))).toEqual(expected);
  });
  test('one port alone is judged, denied or not', () => {
    expect(said(choosePorts(far, [], [web], 'n1', ingress({ far: [web] })))).toEqual(['8080/tcp', '', '']);
    expect(said(choosePorts(far, [], [{ protocol: 'icmp' }], 'n1', ingress({})))).toEqual(['icmp', '', '']);
  });
  test('at most so many beside it, the denied one judged wherever it stands; the rest is said', () => {
    const many = Array.from({ length: mostOtherPorts + 3 }, (_, at) => tcp(8000 + at));
    const [first = web, ...rest] = many;
    const chosen = choosePorts(far, [], [first, ...rest], 'n1', ingress({ far: [many.at(-1) ?? web] }));
    expect([describePort(chosen.port), chosen.otherPorts.length, said(chosen)[2]]).toEqual([
      '8009/tcp',
      mostOtherPorts,
      '8007/tcp too many, 8008/tcp too many',
    ]);
  });
});

test('a question is walked once', () => {
  let walks = 0;
  const ask = remembering((end, port) => {
    walks += 1;
    return ingress({ far: [metrics] })(end, port);
  });
  expect([ask(far, web), ask(far, metrics), ask(far, metrics), ask(near, metrics)].map(({ policy }) => policy)).toEqual(
    [null, 'P', 'P', null],
  );
  expect(walks).toBe(3);
});
