import { expect, test } from '@jest/globals';
import { podInterfaceDown as rule } from '../../../src/rules/endpoint/pod-interface-down.ts';
import { podRouteMissing } from '../../../src/rules/routes/pod-route-missing.ts';
import { findingsOf } from '../../../src/engine/evaluate.ts';
import { explain } from '../../../src/engine/explain.ts';
import { blind, captured, changed, evaluated, judged, valueOf } from '../../support/facts.ts';
import { rerouted } from '../../support/ways.ts';
import { withPodNetwork, withPodNetworks } from '../../support/network-facts.ts';
import { testRule } from '../../support/rule-tester.ts';

const facts = changed(withPodNetworks(await captured('healthy-nft')), { 'datastore-kind': { kind: 'etcdv3' } });
const name = valueOf(facts, 'endpoint')?.spec.interfaceName ?? '';
const clients = valueOf(facts, 'flow').source.interface ?? '';
const renamed = clients.replace('cali', 'eni');
const downInside = valueOf(facts, 'pod-network').links.map((link) => ({ ...link, flags: ['BROADCAST', 'MULTICAST'] }));
const down = rerouted(facts, {
  'links@target': valueOf(facts, 'links@target').map((link) =>
    link.name === name ? { ...link, flags: link.flags.filter((flag) => flag !== 'UP' && flag !== 'LOWER_UP') } : link,
  ),
  'routes@target': valueOf(facts, 'routes@target').filter(({ device }) => device !== name),
});

testRule(rule, {
  lab: 'pod-interface-down',
  rows: [
    [
      'fails where it is down',
      () => down,
      [{ finding: `down Interface ${name} @n1 read stops`, withholds: [`interface:n1/${name}`] }],
    ],
    [
      'fails where it is down inside the pod',
      () => withPodNetwork(facts, 'pod-network', { links: downInside }),
      [
        {
          finding: `downInside Interface ${name} @n1 read stops`,
          data: { device: 'eth0', netns: 'cni-1' },
          withholds: [`interface:n1/${name}`],
        },
      ],
    ],
    [
      'fails where that of the client is down inside',
      () => withPodNetwork(facts, 'source-pod-network', { links: downInside }),
      [`downInside Interface ${clients} @n2 read stops`],
    ],
    [
      "fails where that of the client is down on the client's node",
      () =>
        changed(facts, {
          'links@source': valueOf(facts, 'links@source').map((link) =>
            link.name === clients ? { ...link, flags: [] } : link,
          ),
        }),
      [`down Interface ${clients} @n2 read stops`],
    ],
    [
      'fails where that of the client is down, and another plugin named it',
      () =>
        changed(facts, {
          'links@source': valueOf(facts, 'links@source').map((link) =>
            link.name === clients ? { ...link, name: renamed, flags: [] } : link,
          ),
        }),
      [`down Interface ${renamed} @n2 read stops`],
    ],
    [
      'fails without a button where it is not known where Calico keeps its objects',
      () => blind(down, ['datastore-kind']),
      [`down Interface ${name} @n1 read stops`],
    ],
    ['passes where it is up', () => facts, 'pass'],
    [
      "passes where the pods were not read, and the node's ends have a carrier",
      () => blind(facts, ['pod-network', 'source-pod-network']),
      'pass',
    ],
    [
      "fails where the pod was not read, and the node's end has no carrier",
      () =>
        blind(
          changed(facts, {
            'links@target': valueOf(facts, 'links@target').map((link) =>
              link.name === name ? { ...link, flags: ['NO-CARRIER', 'BROADCAST', 'UP'] } : link,
            ),
          }),
          ['pod-network'],
        ),
      [{ finding: `downInside Interface ${name} @n1 read stops`, data: { device: 'eth0' } }],
    ],
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
  const other = rerouted(down, {
    'links@target': valueOf(facts, 'links@target').map((link) =>
      link.name.startsWith('cali') && link.name !== name ? { ...link, flags: [] } : link,
    ),
  });
  expect(await judged(rule, other)).toBe('pass');
  expect(await judged(podRouteMissing, other)).toHaveLength(1);
});
