import { expect, test } from '@jest/globals';
import { triedOutcome } from '../../src/computed/tried-outcome.ts';
import { podWalks } from '../../src/computed/pod-walks.ts';
import { answererNotes } from '../../src/engine/answerer-notes.ts';
import { observed, unavailable } from '../../src/model/evidence.ts';
import { parseIptablesSave } from '../../src/ruleset/iptables/save.ts';
import { captured, changed, derive, failing, valueOf, type Facts } from '../support/facts.ts';
import { withPodNetworks } from '../support/network-facts.ts';
import { walkedAgain } from '../support/walked-again.ts';
import { rerouted } from '../support/ways.ts';

const captures = await captured('healthy-legacy');
const works = withPodNetworks(
  changed(captures, { flow: { ...valueOf(captures, 'flow'), port: { protocol: 'tcp', number: 8080 } } }),
);
const rulesets = (...rules: readonly string[]) => {
  const text = ['*nat', ':PREROUTING ACCEPT [0:0]', ':OUTPUT ACCEPT [0:0]', ...rules, 'COMMIT', ''].join('\n');
  return observed({
    node: 'n2',
    at: '2026-11-23T18:00:00.000Z',
    ruleSets: [parseIptablesSave(text, { backend: 'iptables-legacy', counted: false })],
  });
};

async function notesOf(clients: ReturnType<typeof rulesets>, from: Facts = works): Promise<readonly string[]> {
  const facts = { ...from, 'pod-rulesets': rulesets(), 'source-pod-rulesets': clients };
  const all: Facts = {
    ...facts,
    'pod-walks': (await derive(facts, podWalks)) as never,
    'tried-outcome': (await derive(facts, triedOutcome)) as never,
  };
  return answererNotes({
    fact: async (key) => all[key] ?? unavailable('not-applicable', 'nobody read it'),
  });
}
const mesh = rulesets(
  '-A OUTPUT -m owner --uid-owner 1337 -j RETURN',
  '-A OUTPUT -d 127.0.0.1/32 -j RETURN',
  '-A OUTPUT -p tcp -j REDIRECT --to-ports 15001',
);

test('a proxy in the sending pod answers: that does not show whether the asked pod does', async () => {
  const [note, ...more] = await notesOf(mesh);
  expect(note).toContain('A rule inside pod default/client leads its connections to port 15001 of the pod itself');
  expect(note).toContain('The answers came from there: they do not show whether default/mypod answers.');
  expect(more).toEqual([]);
});

test('no proxy answers', async () => {
  const [note] = await notesOf(mesh, failing(works));
  expect(note).toContain('Nothing answered them there. To do next: kubectl -n default logs client --all-containers');
});

test.each([
  ['leads no packet elsewhere', rulesets()],
  ['leads other ports elsewhere', rulesets('-A OUTPUT -p tcp -m tcp --dport 9090 -j REDIRECT --to-ports 15001')],
])('says nothing where a rule %s', async (_what, clients) => {
  expect(await notesOf(clients)).toEqual([]);
});

test('a rule of a node that answers handshakes itself is named, where the test packets were answered', async () => {
  const rule = '-A FORWARD -p tcp -m tcp --dport 8080 -j SYNPROXY --mss 1460';
  const target = valueOf(works, 'rulesets@target');
  const save = `*filter\n:FORWARD ACCEPT [0:0]\n${rule}\nCOMMIT\n`;
  const ruleSets = [...target.ruleSets, parseIptablesSave(save, { backend: 'iptables-nft', counted: false })];
  const proxied = walkedAgain(changed(rerouted(works), { 'rulesets@target': { ...target, ruleSets } }));
  const [note, ...more] = await notesOf(rulesets(), proxied);
  expect(more).toEqual([]);
  expect(note).toBe(
    `A rule of n1 may answer connections by itself (${rule}): the test packets do not show whether default/mypod ` +
      'answers. To do next, send data from the client: nc -v 10.244.1.5 8080',
  );
  expect(await notesOf(rulesets(), failing(proxied))).toEqual([]);
});
