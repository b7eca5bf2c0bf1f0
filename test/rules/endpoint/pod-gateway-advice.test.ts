import { expect, test } from '@jest/globals';
import { podGatewaySilent as rule } from '../../../src/rules/endpoint/pod-gateway-silent.ts';
import { findingsOf } from '../../../src/engine/evaluate.ts';
import { toFinding } from '../../../src/engine/finding.ts';
import { changed, evaluated, type Facts } from '../../support/facts.ts';
import { withSetting } from '../../support/network-facts.ts';
import { ways, healthy, unreachable, entry, silent, own } from './gateway-given.ts';

test.each([
  ['offers to turn on proxy ARP where that alone is missing', {}, [true]],
  ['offers nothing where forwarding is off, too', { forwarding: false }, [false, false]],
])('%s', async (_, settings, offered) => {
  const findings = findingsOf(await evaluated(rule, withSetting(silent('FAILED'), 'target', own, settings)));
  expect(findings.map(({ fixInput }) => fixInput !== undefined)).toEqual(offered);
});

test.each<[string, Facts, boolean]>([
  ['proxy ARP', silent('FAILED'), true],
  ['a route', entry(changed(healthy, ways(unreachable)), 'pod-network', 'FAILED'), false],
  [
    "the pod's address, which the node took for its own",
    entry(
      changed(healthy, ways({ kind: 'refused', error: 'invalid-argument', words: 'Invalid argument' })),
      'pod-network',
      'FAILED',
    ),
    false,
  ],
  ['forwarding', entry(withSetting(healthy, 'target', own, { forwarding: false }), 'pod-network', 'FAILED'), false],
])('advises to turn on proxy ARP only where that is missing: %s', async (_, facts, isTold) => {
  const [finding] = findingsOf(await evaluated(rule, facts));
  if (!finding) throw new Error('nothing was found');
  const { advice } = toFinding({ rule, finding });
  expect(advice?.commands.length).toBeGreaterThan(0);
  expect(advice?.commands.some((command) => command.includes('proxy_arp'))).toBe(isTold);
});
