import { destinationRewritten as rule } from '../../../src/rules/filter/destination-rewritten.ts';
import { parseIptablesSave } from '../../../src/ruleset/iptables/save.ts';
import {
  blind,
  captured,
  changed,
  droppedBy,
  leg,
  undecided,
  valueOf,
  withWalk,
  type Facts,
} from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';
import { walkedAgain } from '../../support/walked-again.ts';
import { lost, rerouted } from '../../support/ways.ts';

const facts = rerouted(lost(await captured('healthy-legacy', { port: { protocol: 'tcp', number: 8080 } })));
const to = '10.244.1.5:8080';
const redirect = '-p tcp -m tcp --dport 8080 -j REDIRECT --to-ports 15001';

/** Where the target's node, or the source's, has this rule in nat PREROUTING. */
function withNat(text: string, place: 'target' | 'source' = 'target', of: Facts = facts): Facts {
  const nat = parseIptablesSave(`*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING ${text}\nCOMMIT\n`, {
    backend: 'iptables-nft',
  });
  const rulesets = valueOf(of, `rulesets@${place}`);
  return walkedAgain(changed(of, { [`rulesets@${place}`]: { ...rulesets, ruleSets: [...rulesets.ruleSets, nat] } }));
}

/** The packet was seen at the network interface of the pod's node. */
function arrived(of: Facts): Facts {
  const capture = valueOf(of, 'path-capture');
  const places = capture.places.map((one) => (one.hop === 'target-card' ? { ...one, requests: ['40000/1'] } : one));
  return changed(of, { 'path-capture': { ...capture, places } });
}
const found = (text: string) => `sends Rule nat PREROUTING: -A PREROUTING ${text} @n1 inferred stops`;

testRule(rule, {
  lab: 'destination-rewritten',
  rows: [
    [
      'fails: to another port',
      () => arrived(withNat('-p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.244.1.5:9999')),
      [
        {
          finding: found('-p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.244.1.5:9999'),
          data: { now: '10.244.1.5:9999', asked: to },
          withholds: ['way:n1/target-ingress'],
        },
      ],
    ],
    [
      'fails: to another address',
      () => arrived(withNat('-p tcp -j DNAT --to-destination 10.99.0.7')),
      [{ finding: found('-p tcp -j DNAT --to-destination 10.99.0.7'), data: { now: '10.99.0.7:8080' } }],
    ],
    [
      'fails: to the node itself',
      () => arrived(withNat(redirect)),
      [{ finding: found(redirect), data: { now: '10.244.1.0:15001' } }],
    ],
    [
      "fails: on the source's node, where the packet is at once",
      () => withNat('-p tcp -j DNAT --to-destination 10.99.0.7', 'source'),
      ['sends Rule nat PREROUTING: -A PREROUTING -p tcp -j DNAT --to-destination 10.99.0.7 @n2 inferred stops'],
    ],
    ['states it where no packet came to the node', () => withNat(redirect), [found(redirect).replace(' stops', '')]],
    [
      'states it where something else stops the packet',
      () => {
        const of = arrived(withNat(redirect));
        return withWalk(of, droppedBy(leg(of, 'source-egress'), { kind: 'policy', name: 'p', direction: 'egress' }));
      },
      [found(redirect).replace(' stops', '')],
    ],
    [
      "fails: on the source's node, and another rule would end a reply that nothing shows",
      () => {
        const of = withNat('-p tcp -m tcp --dport 8080 -j REDIRECT --to-ports 15001', 'source');
        return withWalk(of, droppedBy(leg(of, 'reply-source-ingress'), { kind: 'foreign', name: 'guard' }));
      },
      [found(redirect).replace('@n1', '@n2')],
    ],
    [
      'a Service or a host port may send it elsewhere',
      () => {
        const of = arrived(withNat(redirect));
        const walk = leg(of, 'target-ingress');
        const by = 'nat KUBE-SEP-ABCDEFGHIJKLMNOP: -A KUBE-SEP-ABCDEFGHIJKLMNOP -p tcp -j DNAT';
        return withWalk(of, { ...walk, redirected: walk.redirected && { ...walk.redirected, by } });
      },
      'inconclusive',
    ],
    ['passes: a rule for another port', () => withNat('-p tcp -m tcp --dport 80 -j REDIRECT --to-ports 1'), 'pass'],
    [
      'a rule that nobody can read is no pass',
      () => withNat('-p tcp -m bpf --object-pinned /x -j REDIRECT'),
      'inconclusive',
    ],
    [
      'passes: the flow works',
      () => changed(arrived(withNat(redirect)), { 'flow-outcome': { flow: 'works', judgedPort: 'works' } }),
      'pass',
    ],
    ['an open end is no pass', () => withWalk(facts, undecided(leg(facts, 'target-ingress'))), 'inconclusive'],
    ['inconclusive: nothing was walked', () => blind(facts, ['walks']), 'inconclusive'],
    ['does not apply without a flow', () => blind(facts, ['flow'], 'not-applicable'), 'not-applicable'],
  ],
});
