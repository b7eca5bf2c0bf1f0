import { expect, test } from '@jest/globals';
import type { PodWalk } from '../../src/model/flow-walk.ts';
import { changed, leg, undecided, withWalk } from '../support/facts.ts';
import { arrived, facts, onTarget, stopAt } from './stopped-flow.ts';

const text = '-A FORWARD -m u32 --u32 "0x0=0x1" -j DROP';
const place = { family: 'ip', table: 'filter', chain: 'FORWARD', index: 3, comments: [], tag: null } as const;
const at = { backend: 'iptables-nft', text, ...place } as const;
const doubt = { rule: text, why: "the packet's bytes are not known", at };

test('a rule that can decide either way is named where the flow stops, with the command that shows it', async () => {
  const walk = undecided(leg(facts, 'target-ingress'));
  const open = { ...walk, result: { ...walk.result, uncertainties: [doubt], ends: [] } };
  expect((await stopAt(onTarget, withWalk(facts, open))).notChecked).toContainEqual({
    what: 'packet filter of iptables and nftables',
    node: 'n1',
    why: `rule 3 of filter FORWARD ("${text}") can decide either way: the packet's bytes are not known`,
    command: "iptables-nft-save -c | grep -- '-A FORWARD '",
  });
});

test('one of the own filters of a pod is shown by a command in the namespace of the pod', async () => {
  const result = { decision: 'unknown', uncertainties: [doubt], ends: [] };
  const open = { end: 'destination', packet: 'answer', result } as unknown as PodWalk;
  const stop = await stopAt(arrived, changed(facts, { 'pod-walks': { walks: [open], unread: [] } }));
  const { why, command } = stop.notChecked.find(({ what }) => what === "the pod's own packet filter") ?? {};
  expect(why).toContain('rule 3 of filter FORWARD');
  expect(command).toMatch(/^ip netns exec (\S+) iptables-save -c; ip netns exec \1 nft list ruleset$/);
});
