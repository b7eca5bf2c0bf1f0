/** A rule that hands packets to a program: it depends on who listens at its queue. */
import { expect, test } from '@jest/globals';
import type { RuleSet } from '../../../src/model/ruleset/rules.ts';
import { parseIptablesSave } from '../../../src/ruleset/iptables/save.ts';
import { parseNftJson } from '../../../src/ruleset/nft/listing.ts';
import { walkHook } from '../../../src/ruleset/walk/walk-hook.ts';
import { anyTcp } from '../rules-of.ts';

const iptables = (target: string) =>
  parseIptablesSave(`*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -j ${target}\n-A FORWARD -j DROP\nCOMMIT\n`);
const nft = (queue: unknown) =>
  parseNftJson(
    JSON.stringify({
      nftables: [
        { table: { family: 'inet', name: 'ips' } },
        { chain: { family: 'inet', table: 'ips', name: 'look', type: 'filter', hook: 'forward', prio: -5 } },
        { rule: { family: 'inet', table: 'ips', chain: 'look', handle: 2, expr: [{ queue }] } },
      ],
    }),
  );
const walked = (ruleSet: RuleSet, listenedQueues?: readonly number[]) =>
  walkHook([{ ...ruleSet, ...(listenedQueues ? { listenedQueues } : {}) }], anyTcp, 'FORWARD');

const dropped = { decision: 'drop', unheard: true, rule: { index: 1 }, uncertainties: [] };
const accepted = { decision: 'accept', uncertainties: [] };
const open = { decision: 'unknown', uncertainties: [{ why: 'a program in user space decides' }] };

test.each([
  ['nobody listens', iptables('NFQUEUE --queue-num 7'), [], dropped],
  ['somebody listens at another one', iptables('NFQUEUE --queue-num 7'), [8], dropped],
  ['somebody listens', iptables('NFQUEUE --queue-num 7'), [7], open],
  ['it is not known who listens', iptables('NFQUEUE --queue-num 7'), undefined, open],
  ['nobody listens at queue 0, which has no number', iptables('NFQUEUE'), [7], dropped],
  ['the old target is queue 0', iptables('QUEUE'), [0], open],
  ['one of several is listened at', iptables('NFQUEUE --queue-balance 2:5 --queue-cpu-fanout'), [5], open],
  ['none of several is listened at', iptables('NFQUEUE --queue-balance 2:5'), [1, 6], dropped],
  ['nobody listens, and then the rule accepts', iptables('NFQUEUE --queue-num 7 --queue-bypass'), [], accepted],
  ['the number is not understood', iptables('NFQUEUE --queue-num x'), [], open],
  ['nft: nobody listens at queue 0', nft(null), [], dropped],
  ['nft: nobody listens', nft({ num: 7 }), [6], dropped],
  ['nft: a range', nft({ num: { range: [1, 3] }, flags: 'fanout' }), [2], open],
  ['nft: a range, and nobody listens', nft({ num: { range: [1, 3] } }), [4], dropped],
  ['nft: nobody listens, and then the rule accepts', nft({ num: 7, flags: ['bypass', 'fanout'] }), [], accepted],
  ['nft: an expression computes the number', nft({ num: { numgen: { mode: 'inc', mod: 4 } } }), [], open],
])('%s', (_, ruleSet, listened, found) => {
  expect(walked(ruleSet, listened)).toMatchObject(found);
});
