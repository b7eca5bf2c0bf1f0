import { podRouteMissing as rule } from '../../../src/rules/routes/pod-route-missing.ts';
import { blind, captured, changed, valueOf } from '../../support/facts.ts';
import { policy, rerouted } from '../../support/ways.ts';
import { testRule } from '../../support/rule-tester.ts';

const facts = await captured('healthy-legacy');
const { address } = valueOf(facts, 'flow').destination;
const without = rerouted(facts, {
  'routes@target': valueOf(facts, 'routes@target').filter(({ destination }) => destination !== `${address}/32`),
});

testRule(rule, {
  lab: 'pod-route-missing',
  rows: [
    [
      "fails: the block's blackhole takes the packet",
      () => without,
      [
        {
          finding: `missing Route ${address}/32 @n1 read stops`,
          lacks: [
            `interface:n1/${valueOf(facts, 'flow').destination.interface}`,
            'programming:n1',
            'nodeNetworking:n1',
            'endpoint:default/mypod',
          ],
          withholds: [`returnRoute:n1/${address}`],
        },
      ],
    ],
    [
      'fails also where there is no route at all',
      () => rerouted(facts, { 'routes@target': [] }),
      [`missing Route ${address}/32 @n1 read stops`],
    ],
    [
      "fails: the source's own /32, so that the reply dies",
      () =>
        rerouted(facts, {
          'routes@source': valueOf(facts, 'routes@source').filter(
            ({ destination }) => destination !== `${valueOf(facts, 'flow').source.address}/32`,
          ),
        }),
      [`missing Route ${valueOf(facts, 'flow').source.address}/32 @n2 read stops`],
    ],
    [
      'does not apply: the /32 is not what the packet gets',
      () => rerouted(facts, { 'routing@target': policy(['9:	from all lookup 52'], { 52: [{ device: 'vpn0' }] }) }),
      'not-applicable',
    ],
    [
      'inconclusive: the kernel could not be asked, and the table is not all that it asks',
      () => blind(facts, ['kernel-ways'], 'timeout'),
      'inconclusive',
    ],
    [
      'inconclusive: whose interface the /32 names is not known',
      () =>
        rerouted(facts, {
          'links@target': valueOf(facts, 'links@target').filter(
            ({ name }) => name !== valueOf(facts, 'flow').destination.interface,
          ),
        }),
      'inconclusive',
    ],
    ['passes with the /32', () => facts, 'pass'],
    ['inconclusive: the routes could not be read', () => blind(facts, ['routes@target'], 'timeout'), 'inconclusive'],
    [
      'does not apply on the host network, or before there is a flow (1)',
      () => {
        const flow = valueOf(facts, 'flow');
        return changed(without, { flow: { ...flow, destination: { ...flow.destination, interface: null } } });
      },
      'not-applicable',
    ],
    [
      'does not apply on the host network, or before there is a flow (2)',
      () => blind(facts, ['flow', 'routes@target'], 'not-applicable'),
      'not-applicable',
    ],
  ],
});
