import { podAddressDuplicated as rule } from '../../../src/rules/routes/pod-address-duplicated.ts';
import { blind, captured, changed, valueOf } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';
import { lost, rerouted } from '../../support/ways.ts';

const healthy = await captured('healthy-legacy');
const facts = rerouted(lost(healthy));
const { source, destination } = valueOf(facts, 'flow');
const holding = (key: 'links@target' | 'links@source', device: string, address: string, prefixLength = 32) =>
  rerouted(facts, {
    [key]: valueOf(facts, key).map((link) =>
      link.name === device ? { ...link, addresses: [...link.addresses, { address, prefixLength }] } : link,
    ),
  });
const own = holding('links@target', 'tunl0', destination.address);

testRule(rule, {
  lab: 'pod-address-duplicated',
  rows: [
    [
      "fails: the pod's node has it on its tunnel device",
      () => own,
      [
        {
          finding: 'own Pod default/mypod @n1 read stops',
          data: { device: 'tunl0', length: '32', address: destination.address },
          withholds: ['way:n1/target-ingress', `returnRoute:n1/${destination.address}`],
        },
      ],
    ],
    [
      "fails: the source's node has it, with a network around it",
      () => holding('links@source', 'eth0', destination.address, 24),
      [
        {
          finding: 'own Pod default/mypod @n2 read stops',
          data: { device: 'eth0', length: '24' },
          withholds: ['way:n2/source-egress', `returnRoute:n2/${destination.address}`],
        },
      ],
    ],
    [
      "fails: the pod's node has the source's address, and keeps the reply",
      () => holding('links@target', 'eth0', source.address),
      [
        {
          finding: 'own Pod default/client @n1 read stops',
          withholds: ['way:n1/reply-target-egress', `returnRoute:n1/${source.address}`],
        },
      ],
    ],
    [
      'fails: which interface has it is not known',
      () => changed(own, { 'links@target': valueOf(facts, 'links@target') }),
      [{ finding: 'own Pod default/mypod @n1 read stops', data: { device: 'an interface' } }],
    ],
    ['passes: no node has it', () => facts, 'pass'],
    ['passes: the flow works', () => changed(own, { reachability: valueOf(healthy, 'reachability') }), 'pass'],
    [
      'passes: the packets were seen on the other node',
      () => {
        const { encapsulation, places } = valueOf(facts, 'path-capture');
        return changed(holding('links@source', 'eth0', destination.address), {
          'path-capture': { encapsulation, places: places.map((place) => ({ ...place, requests: ['a'] })) },
        });
      },
      'pass',
    ],
    ['inconclusive: the kernel could not be asked', () => rerouted(blind(own, ['links@target'])), 'inconclusive'],
    [
      'inconclusive: the way on one of the nodes is not known',
      () => blind(holding('links@source', 'eth0', destination.address), ['links@source']),
      'inconclusive',
    ],
    [
      'does not apply between nodes',
      () => {
        const flow = valueOf(facts, 'flow');
        return changed(own, {
          flow: { ...flow, source: { ...source, interface: null }, destination: { ...destination, interface: null } },
        });
      },
      'not-applicable',
    ],
  ],
});
