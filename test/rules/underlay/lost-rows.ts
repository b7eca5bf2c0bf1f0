import type { CapturePlace } from '../../../src/model/path-capture.ts';
import type { TunnelKind } from '../../../src/model/network.ts';
import { blind, changed, failing, valueOf, type Facts } from '../../support/facts.ts';
import type { RuleRow } from '../../support/rule-tester.ts';

const seen: Omit<CapturePlace, 'node' | 'interface' | 'hop'> = {
  requests: [],
  largeRequests: [],
  replies: [],
  control: ['p1', 'p2'],
  largeControl: ['P1'],
  controlReplies: ['p1', 'p2', 'P1'],
  droppedByKernel: 0,
  outer: [],
};
const three = ['a', 'b', 'c'];
const lost = { requests: three, largeRequests: ['L'] };

/**
 * The rows that hold for the packets of every tunnel.
 * @param works all facts of a captured cluster in which the tunnel carries the asked flow, which works
 */
export function lostRows(kind: TunnelKind, works: Facts): readonly RuleRow[] {
  const facts = failing(works);
  const between = (
    source: Partial<CapturePlace>,
    target: Partial<CapturePlace>,
    of: Facts = facts,
    encapsulation: TunnelKind | 'local' = kind,
  ) =>
    changed(of, {
      'path-capture': {
        encapsulation,
        places: [
          { node: 'n2', interface: 'eth0', hop: 'source-card', ...seen, ...source },
          { node: 'n1', interface: 'eth0', hop: 'target-card', ...seen, ...target },
        ],
      },
    });
  return [
    [
      'fails: all that left is lost, small and large',
      () => between({ requests: three, largeRequests: ['L'] }, {}),
      ['lost NodePair n2→n1 @- capture stops'],
    ],
    [
      'fails: some are lost: the answer depends on the packet, not on the way',
      () => between({ requests: [...three, 'd'] }, { requests: ['a', 'd'] }),
      [{ finding: 'part NodePair n2→n1 @- capture stops', data: { sent: '4', arrived: '2' } }],
    ],
    [
      'fails: only the answers are lost',
      () => between({ requests: three }, { requests: three, replies: three }),
      ['lost NodePair n1→n2 @- capture stops'],
    ],
    ...(
      [
        ['no plain packet goes that way either', { controlReplies: [] }, {}],
        ['a plain packet of that way is lost as well', { controlReplies: ['p1', 'P1'] }, {}],
        ['only the other direction has plain packets', { controlReplies: [] }, { controlReplies: [] }],
      ] as readonly [string, Partial<CapturePlace>, Partial<CapturePlace>][]
    ).map(([what, source, target]): RuleRow => [
      `inconclusive: answers are lost, and what carries them is not shown to be why: ${what}`,
      () => between({ requests: three, ...source }, { requests: three, replies: three, ...target }),
      'inconclusive',
    ]),
    [
      'fails: requests are lost, whose direction has a control, and of the answers nobody can say',
      () => between({ requests: three, controlReplies: [] }, { requests: ['a'], replies: ['a'] }),
      ['part NodePair n2→n1 @- capture stops'],
    ],
    [
      'passes: every answer arrives, though no plain packet is answered',
      () =>
        between(
          { requests: three, replies: three, controlReplies: [] },
          { requests: three, replies: three, controlReplies: [] },
        ),
      'pass',
    ],
    [
      'answers that left past the tunnel were not lost in it',
      () => between({ requests: three }, { requests: three, replies: three, plain: three }),
      kind === 'none' ? ['lost NodePair n1→n2 @- capture stops'] : 'pass',
    ],
    [
      'fails: both ways',
      () => between({ requests: three }, { requests: ['a'], replies: ['a'] }),
      ['part NodePair n2→n1 @- capture stops', 'lost NodePair n1→n2 @- capture stops'],
    ],
    [
      'passes: every packet arrives, though the flow fails',
      () => between({ requests: three, replies: three }, { requests: three, replies: three }),
      'pass',
    ],
    [
      'passes: background traffic at the edge of a capture, while the asked flow gets through',
      () => between({ requests: [...three, 'background'] }, { requests: three }, works),
      'pass',
    ],
    [
      'passes: what others send that only the target saw',
      () => between({ requests: three }, { requests: [...three, 'background'] }),
      'pass',
    ],
    ...(
      [
        ['the kernel dropped packets of a capture', lost, { droppedByKernel: 3 }],
        ['a capture did not say what the kernel dropped', { ...lost, droppedByKernel: null }, {}],
        ['no plain packet was seen beside them', { ...lost, control: [] }, { control: [] }],
        ['a plain packet is lost too', lost, { control: ['p1'] }],
        ['a large plain packet is lost too', lost, { largeControl: [] }],
        ['only the large ones are lost: their size, not their protocol', lost, { requests: three }],
        [
          "sent to an address that is no node's of the flow",
          { ...lost, outer: [{ source: '10.250.0.12', destination: '198.51.100.9' }] },
          {},
        ],
        ['one packet of several', { requests: three }, { requests: ['a', 'b'] }],
      ] as readonly [string, Partial<CapturePlace>, Partial<CapturePlace>][]
    ).map(([what, source, target]): RuleRow => [
      `inconclusive: "not seen" would not count: ${what}`,
      () => between(source, target),
      'inconclusive',
    ]),
    [
      'inconclusive: "not seen" would not count: a card was not captured (1)',
      () => {
        const capture = valueOf(between({ requests: three }, {}), 'path-capture');
        return changed(facts, { 'path-capture': { ...capture, places: capture.places.slice(0, 1) } });
      },
      'inconclusive',
    ],
    [
      'inconclusive: "not seen" would not count: a card was not captured (2)',
      () => blind(facts, ['path-capture'], 'command-failed'),
      'inconclusive',
    ],
    ...(['ipip', 'vxlan', 'none', 'local'] as const)
      .filter((other) => other !== kind)
      .map((encapsulation): RuleRow => [
        `does not apply: encapsulation ${encapsulation}`,
        () => between({ requests: three }, {}, facts, encapsulation),
        'not-applicable',
      ]),
    ["does not apply: nothing left the source's node", () => between({}, {}), 'not-applicable'],
    ['does not apply: without a flow', () => blind(facts, ['flow'], 'not-applicable'), 'not-applicable'],
  ];
}
