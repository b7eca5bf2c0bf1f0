import type { Pod } from '../../../src/model/kubernetes.ts';
import { podEvicted as rule } from '../../../src/rules/target/pod-evicted.ts';
import { blind, captured, changed, valueOf } from '../../support/facts.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';

const facts = await captured('healthy-legacy');
const healthy = valueOf(facts, 'pod');
interface Ended {
  readonly phase: string;
  readonly spec: Pod['spec'];
  readonly message: string;
}
const atShutdown = 'Pod was terminated in response to imminent node shutdown.';
const ended = (
  reason: string | undefined,
  { phase = 'Failed', spec = healthy.spec, message = 'low on memory' }: Partial<Ended> = {},
) =>
  changed(facts, {
    pod: { ...healthy, spec, status: { phase, ...(reason === undefined ? {} : { reason, message }) } },
  });
const evicted = 'evicted Pod default/mypod @n1 read stops';

testRule(rule, {
  lab: 'pod-evicted',
  rows: [
    [
      'fails: the node lacked memory or disk',
      () => ended('Evicted'),
      [{ finding: evicted, withholds: ['podStart:default/mypod', 'pod:default/mypod'] }],
    ],
    ['fails: a more important pod needed the room', () => ended('Preempting'), [evicted]],
    [
      'fails: the node was shut down (1)',
      () => ended('Terminated', { message: atShutdown }),
      ['shutDown Pod default/mypod @n1 read stops'],
    ],
    ['fails: the node was shut down (2)', () => ended('NodeShutdown'), ['shutDown Pod default/mypod @n1 read stops']],
    ...(['NodeAffinity', 'UnexpectedAdmissionError', 'TopologyAffinityError'] as const).map((reason): RuleRow => [
      `fails: the node did not take it (${reason})`,
      () => ended(reason),
      ['refused Pod default/mypod @n1 read stops'],
    ]),
    ['fails: the node had no room', () => ended('OutOfcpu'), ['noRoom Pod default/mypod @n1 read stops']],
    [
      'fails: the node is not known any more',
      () => {
        const { nodeName: _, ...spec } = healthy.spec;
        return ended('Evicted', { spec });
      },
      ['evicted Pod default/mypod @- read stops'],
    ],
    ['does not apply: it runs', () => facts, 'not-applicable'],
    ['does not apply: it failed by itself', () => ended(undefined), 'not-applicable'],
    ['does not apply: it was terminated for another reason', () => ended('Terminated'), 'not-applicable'],
    ['does not apply: its time was over', () => ended('DeadlineExceeded'), 'not-applicable'],
    ['does not apply: it runs, whatever it says', () => ended('Evicted', { phase: 'Running' }), 'not-applicable'],
    ['inconclusive: nobody could say', () => blind(facts, ['pod'], 'api-unreachable'), 'inconclusive'],
  ],
});
