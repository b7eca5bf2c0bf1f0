import { expect, test } from '@jest/globals';
import { podInterfaceDown as rule } from '../../../src/rules/endpoint/pod-interface-down.ts';
import { podRouteMissing } from '../../../src/rules/routes/pod-route-missing.ts';
import { findingsOf } from '../../../src/engine/evaluate.ts';
import { explain } from '../../../src/engine/explain.ts';
import { blind, captured, changed, evaluated, judged, valueOf } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';

const facts = await captured('healthy-nft');
const name = valueOf(facts, 'endpoint')?.spec.interfaceName ?? '';
const down = changed(facts, {
  'links@target': valueOf(facts, 'links@target').map((link) =>
    link.name === name ? { ...link, flags: link.flags.filter((flag) => flag !== 'UP' && flag !== 'LOWER_UP') } : link,
  ),
  'routes@target': valueOf(facts, 'routes@target').filter(({ device }) => device !== name),
});

testRule(rule, {
  lab: { none: 'no fault of the lab sets an interface down: shown on what real Calico printed' },
  rows: [
    [
      'fails where it is down',
      () => down,
      [{ finding: `down Interface ${name} @n1 read stops`, withholds: [`interface:n1/${name}`] }],
    ],
    ['passes where it is up', () => facts, 'pass'],
    ['inconclusive: the links could not be read', () => blind(facts, ['links@target']), 'inconclusive'],
    [
      'does not apply on the host network',
      () => {
        const flow = valueOf(facts, 'flow');
        return blind(
          changed(facts, { flow: { ...flow, destination: { ...flow.destination, interface: null } } }),
          ['endpoint'],
          'not-applicable',
        );
      },
      'not-applicable',
    ],
  ],
});

test('fails, and explains the route that went with it', async () => {
  expect(await judged(rule, down)).toEqual([`down Interface ${name} @n1 read stops`]);
  const findings = await Promise.all(
    [podRouteMissing, rule].map(async (one) =>
      findingsOf(await evaluated(one, down)).map((finding) => ({ rule: one, finding })),
    ),
  );
  expect(explain(findings.flat()).map((one) => [one.rule.id, one.cause?.rule.id])).toEqual([
    ['pod-route-missing', 'pod-interface-down'],
    ['pod-interface-down', undefined],
  ]);
});
test("another pod's interface that is down explains nothing here", async () => {
  const other = changed(down, {
    'links@target': valueOf(facts, 'links@target').map((link) =>
      link.name.startsWith('cali') && link.name !== name ? { ...link, flags: [] } : link,
    ),
  });
  expect(await judged(rule, other)).toBe('pass');
  expect(await judged(podRouteMissing, other)).toHaveLength(1);
});
