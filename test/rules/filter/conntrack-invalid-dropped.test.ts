import type { Passage, PassageMark } from '../../../src/model/passage.ts';
import type { RuleRef } from '../../../src/model/ruleset/walk.ts';
import { conntrackInvalidDropped as rule } from '../../../src/rules/filter/conntrack-invalid-dropped.ts';
import { blind, captured, changed, failing, valueOf, type Facts } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';

const facts = failing(await captured('healthy-legacy'));
const { destination, source } = valueOf(facts, 'flow');
const mark = (point: PassageMark['point'], state: PassageMark['state'], node = 'n1'): PassageMark => ({
  direction: 'reply',
  point,
  node,
  interface: point === 'pod' || point === 'sender' ? null : point === 'target-pod' ? destination.interface : 'eth0',
  state,
  why: null,
  outer: null,
  silent: [],
});
const stopped = (direction: 'request' | 'reply' | null = 'reply'): Passage => ({
  marks: [mark('target-pod', 'seen'), mark('target-card', 'not-seen')],
  between: ['target-node'],
  stop: { lastSeen: 0, missing: 1, direction, areas: ['target-node'] },
});
const seenAt = (device: string): Passage => ({
  ...stopped(),
  marks: stopped().marks.map((one) => (one.point === 'target-pod' ? { ...one, interface: device } : one)),
});
const chain = (name: string | null, prefix = 'cali-fw-'): RuleRef => ({
  backend: 'iptables-legacy',
  family: 'ip',
  table: 'filter',
  chain: `${prefix}${name}`,
  index: 2,
  text: `-A ${prefix}${name} -m conntrack --ctstate INVALID -j DROP`,
  comments: [],
  tag: null,
});
const dropping = (of: RuleRef, packets = 3, node = 'n1', passage = stopped()): Facts =>
  changed(facts, { passage, 'invalid-drops': [{ node, rule: of, packets }] });

testRule(rule, {
  lab: { none: 'packets of one connection take one way in the lab, so that none is invalid but by NOTRACK' },
  rows: [
    [
      'fails: the reply left the pod, and the rule of its interface rose',
      () => dropping(chain(destination.interface)),
      [
        {
          finding: `dropped Rule filter cali-fw-${destination.interface} 2 @n1 inferred stops`,
          data: { packets: '3', seen: `${destination.interface} on n1`, missing: 'eth0 on n1' },
          lacks: [`returnRoute:n1/${source.address}`, 'sourceAddress:n1', 'way:n1/reply-target-egress'],
        },
      ],
    ],
    [
      'fails: in nftables, at the interface of the source',
      () => dropping(chain(source.interface, 'filter-cali-tw-'), 2, 'n2'),
      [
        {
          finding: `dropped Rule filter filter-cali-tw-${source.interface} 2 @n2 inferred stops`,
          data: { peer: destination.address },
          lacks: [`returnRoute:n2/${destination.address}`, 'sourceAddress:n2'],
        },
      ],
    ],
    [
      'fails: the interface has the name that another plugin gave it',
      () => dropping(chain('eni1'), 3, 'n1', seenAt('eni1')),
      ['dropped Rule filter cali-fw-eni1 2 @n1 inferred stops'],
    ],
    [
      'passes: the request stops, and a SYN is new, not invalid',
      () => dropping(chain(destination.interface), 3, 'n1', stopped('request')),
      'pass',
    ],
    [
      'passes: the chain of requests to the pod, which no reply meets',
      () => dropping(chain(destination.interface, 'cali-tw-')),
      'pass',
    ],
    [
      'fails where nothing was captured inside',
      () =>
        dropping(chain(destination.interface), 3, 'n1', {
          ...stopped(),
          marks: [mark('sender', 'seen', 'n2'), mark('pod', 'not-seen')],
        }),
      [
        {
          finding: `dropped Rule filter cali-fw-${destination.interface} 2 @n1 inferred stops`,
          data: { seen: 'the sender', missing: 'the pod on n1' },
        },
      ],
    ],
    [
      'inconclusive: which of the two directions stops is not known',
      () => dropping(chain(destination.interface), 3, 'n1', stopped(null)),
      'inconclusive',
    ],
    ['passes: the rule of another pod', () => dropping(chain('cali0other')), 'pass'],
    [
      'passes: the interface of the pod, on another node',
      () => dropping(chain(destination.interface), 3, 'n2'),
      'pass',
    ],
    [
      'passes: a single packet may be of an earlier connection',
      () => dropping(chain(destination.interface), 1),
      'pass',
    ],
    ['passes: none rose', () => changed(facts, { passage: stopped(), 'invalid-drops': [] }), 'pass'],
    [
      'passes: the flow stops nowhere',
      () => dropping(chain(destination.interface), 3, 'n1', { ...stopped(), stop: null }),
      'pass',
    ],
    [
      'does not apply where a rule says why, or to other protocols',
      () => blind(facts, ['invalid-drops'], 'not-applicable'),
      'not-applicable',
    ],
    ['inconclusive: the rules were not read again', () => blind(facts, ['invalid-drops']), 'inconclusive'],
  ],
});
