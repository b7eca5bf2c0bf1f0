import { expect, test } from '@jest/globals';
import { podDropsNotes } from '../../src/engine/pod-drops-note.ts';
import type { PodWalk } from '../../src/model/flow-walk.ts';
import type { RuleSet } from '../../src/model/ruleset/rules.ts';
import { askPacket } from '../../src/flow-walks/packets.ts';
import { parseIptablesSave } from '../../src/ruleset/iptables/save.ts';
import { walkHook } from '../../src/ruleset/walk/walk-hook.ts';
import { captured, changed, factOf, valueOf, type Facts } from '../support/facts.ts';
import { withPodNetworks } from '../support/network-facts.ts';

const healthy = withPodNetworks(await captured('healthy-legacy', { port: { protocol: 'tcp', number: 8080 } }));
const flow = valueOf(healthy, 'flow');
const failing = changed(healthy, {
  'tried-outcome': { flow: 'fails', judgedPort: 'fails', answeredPart: 'some-packets' },
});
const asked = askPacket(flow.source, flow.destination, flow.port);

/** A pod whose own filter has this rule for what comes in. */
function inPod(of: Facts, end: PodWalk['end'], rule: string): Facts {
  const own: RuleSet = parseIptablesSave(`*filter\n:INPUT ACCEPT [0:0]\n-A INPUT ${rule}\nCOMMIT\n`);
  const walk: PodWalk = { end, packet: 'request', asked, result: walkHook([own], asked, 'INPUT') };
  return changed(of, { 'pod-walks': { walks: [walk], unread: [] } });
}
const notesOf = (of: Facts) => podDropsNotes({ fact: (key) => factOf(of, key) });
const limited = '-p tcp -m limit --limit 1/hour -j DROP';

test('a rule that drops what is beyond a rate is named, with the command that shows it in the pod', async () => {
  const [note, ...more] = await notesOf(inPod(failing, 'destination', limited));
  expect(more).toEqual([]);
  expect(note).toContain(
    `A rule inside pod default/mypod can drop packets of this flow: rule 1 of filter INPUT ("-A INPUT ${limited}")`,
  );
  expect(note).toMatch(/run ip netns exec \S+ iptables-\w+-save -c \| grep -- '-A INPUT ' on n1 before and after/);
});

test('one in the sending pod is named as that of the sender', async () => {
  const [note] = await notesOf(inPod(failing, 'source', limited));
  expect(note).toMatch(/^A rule inside pod default\/client can drop .* on n2 before and after/);
});

test('where the test packets passed, that is said instead', async () => {
  const works = changed(healthy, { 'tried-outcome': { flow: 'works', judgedPort: 'works' } });
  const [note] = await notesOf(inPod(works, 'destination', limited));
  expect(note).toMatch(/The test packets passed\.$/);
});

test.each([
  ['drops nothing of the flow', '-p udp -j DROP'],
  ['drops it for certain: that is a cause', '-p tcp -j DROP'],
  ['counts only', '-p tcp -m limit --limit 1/hour -j LOG'],
])('no rule is told that %s', async (_, rule) => {
  expect(await notesOf(inPod(failing, 'destination', rule))).toEqual([]);
});
