import { expect, test } from '@jest/globals';
import { dataDrops } from '../../src/computed/data-drops.ts';
import { flowOutcome } from '../../src/computed/flow-outcome.ts';
import { podWalks } from '../../src/computed/pod-walks.ts';
import { observed } from '../../src/model/evidence.ts';
import { parseIptablesSave } from '../../src/ruleset/iptables/save.ts';
import { captured, changed, derive, valueOf, type Facts } from '../support/facts.ts';
import { withPodNetworks } from '../support/network-facts.ts';
import { walkedAgain } from '../support/walked-again.ts';
import { rerouted } from '../support/ways.ts';

const works = { flow: 'works', judgedPort: 'works' } as const;
const unknown = { flow: 'unknown', judgedPort: 'unknown' } as const;
const facts = changed(
  withPodNetworks(rerouted(await captured('healthy-legacy', { port: { protocol: 'tcp', number: 8080 } }))),
  { 'tried-outcome': works },
);
const saved = (...lines: readonly string[]) =>
  parseIptablesSave([...lines, 'COMMIT', ''].join('\n'), { backend: 'iptables-legacy', counted: false });

/** Where a node of the way has these rules besides. */
function onNode(...lines: readonly string[]): Facts {
  const rulesets = valueOf(facts, 'rulesets@target');
  return walkedAgain(
    changed(facts, { 'rulesets@target': { ...rulesets, ruleSets: [...rulesets.ruleSets, saved(...lines)] } }),
  );
}
const nat = (rule: string) => onNode('*nat', ':PREROUTING ACCEPT [0:0]', ':KUBE-SERVICES - [0:0]', rule);
const proxied = (rule: string) => onNode('*mangle', ':PREROUTING ACCEPT [0:0]', rule);

/** Where a rule of a node is for what follows a handshake. */
async function later(rule: string): Promise<Facts> {
  const all = proxied(rule);
  return { ...all, 'data-drops': (await derive(all, dataDrops)) as never };
}

/** Where the sending pod has this rule. */
async function inClient(rule: string, table = '*nat'): Promise<Facts> {
  const of = { ...valueOf(facts, 'rulesets@source'), ruleSets: [saved(table, ':OUTPUT ACCEPT [0:0]', rule)] };
  const all: Facts = {
    ...facts,
    'source-pod-rulesets': observed(of),
    'pod-rulesets': observed({ ...of, ruleSets: [] }),
  };
  return { ...all, 'pod-walks': (await derive(all, podWalks)) as never };
}

test.each<[string, Facts | Promise<Facts>, object]>([
  ['nothing stands between', facts, works],
  ['no rule set was read', { 'tried-outcome': observed(works) }, works],
  [
    'none of them is answered',
    changed(facts, { 'tried-outcome': { flow: 'fails', judgedPort: 'fails' } }),
    { flow: 'fails', judgedPort: 'fails' },
  ],
  [
    'a mesh leads connections of the client to its proxy',
    inClient('-A OUTPUT -p tcp -j REDIRECT --to-ports 15001'),
    unknown,
  ],
  [
    'it leads those of other ports',
    inClient('-A OUTPUT -p tcp -m tcp --dport 9090 -j REDIRECT --to-ports 15001'),
    works,
  ],
  [
    'a node sends them to another address',
    nat('-A PREROUTING -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.244.1.9:8080'),
    unknown,
  ],
  [
    'a node sends them to a port of its own',
    nat('-A PREROUTING -p tcp -m tcp --dport 8080 -j REDIRECT --to-ports 15001'),
    unknown,
  ],
  [
    'a node sends those of another address',
    nat('-A PREROUTING -d 10.96.0.1/32 -p tcp -j DNAT --to-destination 10.244.1.9'),
    works,
  ],
  [
    'a node answers handshakes itself',
    proxied('-A PREROUTING -p tcp -m tcp --dport 8080 -j SYNPROXY --mss 1460'),
    unknown,
  ],
  [
    'a program of a node takes them',
    proxied('-A PREROUTING -p tcp -m tcp --dport 8080 -j TPROXY --on-port 15001 --on-ip 127.0.0.1'),
    unknown,
  ],
  [
    'a rule ends what follows the handshake',
    later('-A PREROUTING -p tcp -m tcp --tcp-flags SYN,ACK ACK -j DROP'),
    { flow: 'fails', judgedPort: 'works', answeredPart: 'handshake' },
  ],
  [
    'a rule inside the client ends what follows the handshake',
    inClient('-A OUTPUT -p tcp -m tcp --tcp-flags SYN,ACK ACK -j DROP', '*filter'),
    { flow: 'fails', judgedPort: 'works', answeredPart: 'handshake' },
  ],
  [
    'a rule inside the client ends it for another port',
    inClient('-A OUTPUT -p tcp -m tcp --dport 9090 --tcp-flags SYN,ACK ACK -j DROP', '*filter'),
    works,
  ],
  [
    'it takes those of another port',
    proxied('-A PREROUTING -p tcp -m tcp --dport 9090 -j TPROXY --on-port 15001 --on-ip 127.0.0.1'),
    works,
  ],
])('what the test packets say of the flow, where %s', async (_what, given, says) => {
  expect(await derive(await given, flowOutcome)).toMatchObject({ status: 'observed', value: says });
});
