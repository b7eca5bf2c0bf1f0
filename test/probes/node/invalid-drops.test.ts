import { expect, test } from '@jest/globals';
import type { Denial } from '../../../src/model/denial.ts';
import type { Passage } from '../../../src/model/passage.ts';
import { invalidDrops } from '../../../src/probes/node/invalid-drops.ts';
import { readCapture } from '../../cases/capture.ts';
import { captured, valueOf } from '../../support/facts.ts';
import { codeOf, probing } from '../scripted.ts';

const facts = await captured('healthy-legacy');
const name = 'cali4e199eba087';
const save = readCapture('healthy-legacy').text('n1/iptables-legacy-save-c.txt') ?? '';
const risen = save.replace(new RegExp(`\\[0:0\\] (-A cali-fw-${name} .*--ctstate INVALID -j DROP)`), '[3:180] $1');
const stopped: Passage = {
  marks: [],
  between: [],
  stop: { lastSeen: 0, missing: 1, direction: 'reply', areas: ['target-node'] },
};
const looked = (printed: string, given: Parameters<typeof probing>[1]['facts'] = {}) =>
  probing(invalidDrops, {
    script: {
      'cat-ip-tables-names': { stdout: 'filter\nmangle\nnat\nraw\n' },
      'iptables-legacy-save': { stdout: printed },
      'iptables-nft-save': { stdout: '' },
      'nft-list-tables': { stdout: '' },
      'nft-list-chains': { stdout: '' },
      'ipset-save': { stdout: '' },
    },
    facts: {
      flow: { ...valueOf(facts, 'flow'), port: { protocol: 'tcp', number: 8080 } },
      passage: stopped,
      'rulesets@target': valueOf(facts, 'rulesets@target'),
      ...given,
    },
  }).fact('invalid-drops');

test('the rule that rose, of the node on which the flow stops', async () => {
  expect(await looked(risen)).toMatchObject({
    value: [{ node: 'n1', packets: 3, rule: { table: 'filter', chain: `cali-fw-${name}` } }],
  });
});

test('none rose', async () => {
  expect(await looked(save)).toMatchObject({ status: 'observed', value: [] });
});

test('a chain that was written anew says nothing', async () => {
  expect(await looked(risen.replace('--ctstate RELATED,ESTABLISHED', '--ctstate ESTABLISHED'))).toMatchObject({
    value: [],
  });
});

test.each<[string, Parameters<typeof probing>[1]['facts']]>([
  ['the flow stops elsewhere', { passage: { ...stopped, stop: null } }],
  ['it is of another protocol', { flow: valueOf(facts, 'flow') }],
  ['a rule says why', { denials: { denied: [{ stopsFlow: true } as Denial], open: [], notCompared: null } }],
])('nothing is read where %s', async (_, given) => {
  expect(codeOf(await looked(save, given))).toBe('not-applicable');
});

test('not known where the first rules are not', async () => {
  expect(
    codeOf(
      await looked(save, { 'rulesets@target': { status: 'unavailable', code: 'timeout', reason: '', evidence: [] } }),
    ),
  ).toBe('timeout');
});
