import { podOwnRulesDrop as rule } from '../../../src/rules/reachability/pod-own-rules-drop.ts';
import { podWalks } from '../../../src/computed/pod-walks.ts';
import type { PodWalks } from '../../../src/model/flow-walk.ts';
import type { Area, Passage } from '../../../src/model/passage.ts';
import { observed } from '../../../src/model/evidence.ts';
import { parseIptablesSave } from '../../../src/ruleset/iptables/save.ts';
import { blind, captured, changed, derive, failing, valueOf, type Facts } from '../../support/facts.ts';
import { withPodNetworks } from '../../support/network-facts.ts';
import { testRule } from '../../support/rule-tester.ts';

const captures = await captured('healthy-legacy');
const base = withPodNetworks(
  changed(captures, { flow: { ...valueOf(captures, 'flow'), port: { protocol: 'tcp', number: 8080 } } }),
);
const listener = (port: number) => ({ address: '*', device: null, port, queued: 0, backlog: 511 });
const save = (table: string, ...lines: readonly string[]) =>
  [`*${table}`, ':INPUT ACCEPT [0:0]', ':OUTPUT ACCEPT [0:0]', ...lines, 'COMMIT', ''].join('\n');
const rulesets = (text: string) => ({
  node: 'n1',
  at: '2026-11-23T18:00:00.000Z',
  ruleSets: text === '' ? [] : [parseIptablesSave(text, { backend: 'iptables-legacy', counted: false })],
});

/** What follows from rules inside the pods, where the flow gets no answer. */
async function withRules(own: string, clients = '', from: Facts = failing(base)): Promise<Facts> {
  const facts = changed(
    { ...from, 'pod-rulesets': observed(rulesets(own)), 'source-pod-rulesets': observed(rulesets(clients)) },
    { listeners: [listener(8080)] },
  );
  return { ...facts, 'pod-walks': (await derive(facts, podWalks)) as never };
}
const redirect = save('nat', ':PREROUTING ACCEPT [0:0]', '-A PREROUTING -p tcp -j REDIRECT --to-ports 15006');
const toLoopback = save(
  'nat',
  ':PREROUTING ACCEPT [0:0]',
  '-A PREROUTING -p tcp -m tcp --dport 8080 -j DNAT --to-destination 127.0.0.1:8080',
);
const lostIn = (area: Area): Passage => ({
  marks: [],
  between: [],
  stop: { lastSeen: 0, missing: 1, direction: 'reply', areas: [area] },
});
const bareAck = save('filter', '-A INPUT -p tcp -m tcp --dport 8080 --tcp-flags SYN,ACK ACK -j DROP');
const handshakes = { flow: 'fails', judgedPort: 'works', answeredPart: 'handshake' } as const;
const drop = save('filter', '-A INPUT -p tcp -m tcp --dport 8080 -j DROP');

testRule(rule, {
  lab: 'pod-own-drop',
  rows: [
    [
      'fails where a rule of the pod drops what arrives',
      () => withRules(drop),
      [
        {
          finding: 'drops Rule filter INPUT 1 @n1 inferred stops',
          data: { pod: 'default/mypod', packets: 'the requests that arrive' },
        },
      ],
    ],
    [
      'fails where a rule of the pod rejects',
      () => withRules(save('filter', '-A INPUT -p tcp -m tcp --dport 8080 -j REJECT --reject-with tcp-reset')),
      ['drops Rule filter INPUT 1 @n1 inferred stops'],
    ],
    [
      'fails where a policy of the pod drops its answers',
      () => withRules(save('filter').replace(':OUTPUT ACCEPT', ':OUTPUT DROP')),
      [{ finding: 'drops Rule filter OUTPUT 0 @n1 inferred stops', data: { packets: 'the answers that it sends' } }],
    ],
    [
      'fails where a rule of the client drops what it sends',
      () => withRules('', save('filter', '-A OUTPUT -d 10.244.1.5/32 -j DROP')),
      [
        {
          finding: 'drops Rule filter OUTPUT 1 @n2 inferred stops',
          data: { pod: 'default/client', packets: 'the requests that it sends' },
        },
      ],
    ],
    [
      'fails where a rule of the pod lets the handshake pass, and drops what follows it',
      async () => changed(await withRules(bareAck, '', base), { 'flow-outcome': handshakes }),
      [
        {
          finding: 'dropsLater Rule filter INPUT 1 @n1 inferred stops',
          data: { pod: 'default/mypod', packets: 'the requests that arrive' },
        },
      ],
    ],
    [
      'tells a rule for what follows the handshake as another fault where no connection opens',
      () => withRules(bareAck),
      ['dropsLater Rule filter INPUT 1 @n1 inferred'],
    ],
    [
      'fails where a rule of the client hides its requests from connection tracking, and another drops the answers',
      () =>
        withRules(
          '',
          save('raw', '-A OUTPUT -p tcp -m tcp --dport 8080 -j NOTRACK').replace(':INPUT ACCEPT [0:0]\n', '') +
            save('filter', '-A INPUT -m conntrack --ctstate INVALID -j DROP'),
        ),
      [{ finding: 'drops Rule filter INPUT 1 @n2 inferred stops', data: { packets: 'the answers that arrive' } }],
    ],
    [
      'fails where a rule redirects to a port on which nothing listens',
      () => withRules(redirect),
      [{ finding: 'redirects Pod default/mypod @n1 inferred stops', data: { port: '15006', sockets: '*:8080' } }],
    ],
    [
      'fails where a rule redirects to an address of the pod alone, and the answer is lost there',
      async () => changed(await withRules(toLoopback), { passage: lostIn('target-pod') }),
      [{ finding: 'toLoopback Pod default/mypod @n1 inferred stops', data: { loopback: '127.0.0.1' } }],
    ],
    [
      'inconclusive: a rule redirects there, and the flow stops elsewhere',
      async () => changed(await withRules(toLoopback), { passage: lostIn('underlay') }),
      'inconclusive',
    ],
    ['inconclusive: a rule redirects there, and nothing was captured', () => withRules(toLoopback), 'inconclusive'],
    [
      'inconclusive: a rule redirects to the proxy of a mesh',
      async () => changed(await withRules(redirect), { listeners: [listener(8080), listener(15006)] }),
      'inconclusive',
    ],
    [
      'inconclusive: a rule redirects, and the sockets are not known',
      async () => blind(await withRules(redirect), ['listeners']),
      'inconclusive',
    ],
    [
      'inconclusive: a program decides',
      () => withRules(save('filter', '-A INPUT -m bpf --bytecode "1,6 0 0 0" -j DROP')),
      'inconclusive',
    ],
    ['passes where the rules of the pod are of another port', () => withRules(drop.replace('8080', '9090')), 'pass'],
    ['passes where the pods have no rules', () => withRules(''), 'pass'],
    ['passes where the flow works', () => withRules(drop, '', base), 'pass'],
    [
      'inconclusive: the rules of the pod were not read',
      async () => changed(await withRules(''), unread({ end: 'destination', why: 'nft does not list the tables' })),
      'inconclusive',
    ],
    [
      'does not apply where neither end is a pod with a network of its own',
      async () => changed(await withRules(''), { 'pod-walks': { walks: [], unread: [] } }),
      'not-applicable',
    ],
    ['inconclusive: nothing was walked', () => blind(failing(base), ['pod-walks']), 'inconclusive'],
    ['inconclusive: the flow is not known', () => blind(failing(base), ['flow', 'pod-walks']), 'inconclusive'],
  ],
});

function unread(...all: PodWalks['unread']) {
  return { 'pod-walks': { walks: [], unread: all } };
}
