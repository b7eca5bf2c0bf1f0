import { expect, test } from '@jest/globals';
import { wayNotes } from '../../src/engine/way-notes.ts';
import type { PodNeighbour, PodNetwork } from '../../src/model/network.ts';
import { walkLegs } from '../../src/flow-walks/legs.ts';
import { parseIptablesSave } from '../../src/ruleset/iptables/save.ts';
import { blind, captured, changed, factOf, failing, valueOf, type Facts } from '../support/facts.ts';
import { withPodNetworks } from '../support/network-facts.ts';

const healthy = await captured('healthy-legacy', { port: { protocol: 'tcp', number: 8080 } });
const [right, other] = ['0a:00:00:00:00:05', '02:00:00:00:00:99'];
const host = 'ee:ee:ee:ee:ee:ee';
const { destination } = valueOf(healthy, 'flow');
const card = destination.interface ?? '';
const shared = valueOf(withPodNetworks(healthy), 'pod-network');
const links = shared.links.map((link) => ({ ...link, linkAddress: right }));
const network: PodNetwork = { ...shared, links, neighbours: [] };
const facts = changed(failing(healthy, 'none'), {
  'pod-network': network,
  'links@target': valueOf(healthy, 'links@target').map((link) =>
    link.name === card ? { ...link, kind: 'veth', linkAddress: host } : link,
  ),
  'pod-neighbours': [],
});

const notesOf = (of: Facts) => wayNotes({ fact: (key) => factOf(of, key) });

/** The walks where the target's node has this rule in nat PREROUTING. */
function withNat(rule: string): Facts {
  const nat = parseIptablesSave(`*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING ${rule}\nCOMMIT\n`, {
    backend: 'iptables-nft',
  });
  const nodeAt = (place: 'target' | 'source') => ({
    rulesets: valueOf(facts, `rulesets@${place}`),
    routes: valueOf(facts, `routes@${place}`),
    links: valueOf(facts, `links@${place}`),
  });
  const target = nodeAt('target');
  const node = { ...target, rulesets: { ...target.rulesets, ruleSets: [...target.rulesets.ruleSets, nat] } };
  return changed(facts, { walks: walkLegs(valueOf(facts, 'flow'), node, nodeAt('source')) });
}

test.each<[string, string, string]>([
  ['to another port', '-p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.244.1.5:9999', '10.244.1.5:9999'],
  ['to another address', '-p tcp -j DNAT --to-destination 10.99.0.7', '10.99.0.7:8080'],
  ['to the node itself', '-p tcp -m tcp --dport 8080 -j REDIRECT --to-ports 15001', '10.244.1.0:15001'],
])('a rule of a node sends packets elsewhere: %s', async (_, rule, to) => {
  const [note, ...more] = await notesOf(withNat(rule));
  expect(more).toEqual([]);
  expect(note).toContain(`A rule of n1 sends the packet to ${to}, and not to ${destination.address}:8080`);
  expect(note).toContain(`(nat PREROUTING: -A PREROUTING ${rule})`);
});

test.each<[string, Facts]>([
  ['nothing is odd', facts],
  ['a rule for another port', withNat('-p tcp -m tcp --dport 80 -j REDIRECT --to-ports 15001')],
  ['a rule of which nobody knows whether it matches', withNat('-p tcp -m bpf --object-pinned /x -j REDIRECT')],
  [
    'the flow works',
    changed(withNat('-p tcp -j REDIRECT --to-ports 1'), { 'flow-outcome': { flow: 'works', judgedPort: 'works' } }),
  ],
  ['there is no flow', blind(facts, ['flow'])],
  ['nothing was read of the nodes', blind(facts, ['walks', 'pod-neighbours', 'pod-network', 'links@target'])],
])('nothing is said: %s', async (_, of) => {
  expect(await notesOf(of)).toEqual([]);
});

const onNode: PodNeighbour = {
  node: 'n1',
  address: destination.address,
  device: card,
  linkAddress: other,
  state: 'PERMANENT',
};
const inPod: PodNeighbour = { ...onNode, address: '169.254.1.1', device: 'eth0' };

test.each<[string, PodNeighbour, string | null]>([
  ['another address', onNode, `n1 sends packets for pod default/mypod to the Ethernet address ${other} (PERMANENT)`],
  ['the right address', { ...onNode, linkAddress: right }, null],
  ['no address yet', { ...onNode, linkAddress: null, state: 'FAILED' }, null],
  ['another device', { ...onNode, device: 'eth0' }, null],
])("the node's neighbour entry holds %s", async (_, entry, said) => {
  const notes = await notesOf(changed(facts, { 'pod-neighbours': [entry] }));
  expect(notes).toEqual(said === null ? [] : [expect.stringContaining(said)]);
});

test.each<[string, PodNeighbour, string | null]>([
  ['another address', inPod, `Pod default/mypod sends packets for 169.254.1.1 to the Ethernet address ${other}`],
  ['the right address', { ...inPod, linkAddress: host }, null],
])("the pod's neighbour entry holds %s", async (_, entry, said) => {
  const pod = { ...valueOf(facts, 'pod-network'), neighbours: [entry] };
  const notes = await notesOf(changed(facts, { 'pod-network': pod }));
  expect(notes).toEqual(said === null ? [] : [expect.stringContaining(said)]);
});
