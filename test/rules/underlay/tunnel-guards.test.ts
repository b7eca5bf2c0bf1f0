/** Felix's own guards, as captured in every dataplane, once their set of allowed hosts lacks the other node. */
import { describe, expect, test } from '@jest/globals';
import { startGathering } from '../../../src/engine/gather.ts';
import { computed } from '../../../src/computed/registry.ts';
import { probes } from '../../../src/probes/registry.ts';
import { nodeAddressMisdetected } from '../../../src/rules/underlay/node-address-misdetected.ts';
import { tunnelSourceRefused } from '../../../src/rules/underlay/tunnel-source-refused.ts';
import { evaluateRule } from '../../../src/engine/evaluate.ts';
import { explain } from '../../../src/engine/explain.ts';
import { captureCluster } from '../../cases/capture-cluster.ts';
import { captureShells } from '../../cases/capture-shells.ts';
import { readCapture, type Capture } from '../../cases/capture.ts';
import { holdingAddress, withoutHost } from '../../cases/changed-captures.ts';

const addresses = { n1: '10.250.0.11', n2: '10.250.0.12' } as const;
type NodeName = keyof typeof addresses;

/** The flow fails, as it would. */
async function found(capture: Capture) {
  const gathering = startGathering(
    {
      probes,
      computed,
      clock: { now: () => new Date('2026-11-23T18:00:10Z'), sleep: async () => {} },
      cluster: captureCluster(readCapture(capture.name)),
      shells: captureShells({ ...capture, text: (path) => (path === 'ground-truth.txt' ? '' : capture.text(path)) }),
    },
    {
      cluster: 'default',
      namespace: 'default',
      pod: 'mypod',
      from: { kind: 'pod', namespace: 'default', name: 'client' },
      port: null,
    },
    'r-test',
    new AbortController().signal,
  );
  const rules = [nodeAddressMisdetected, tunnelSourceRefused];
  const evaluations = await Promise.all(rules.map((rule) => evaluateRule(rule, gathering)));
  const findings = evaluations.flatMap(({ rule, outcome }) =>
    outcome.outcome === 'fail' ? outcome.findings.map((finding) => ({ rule, finding })) : [],
  );
  return explain(findings).map(
    ({ rule, finding, cause }) =>
      `${rule.id} ${finding.message} ${finding.subject.name}${cause ? ` because of ${cause.rule.id}` : ''}`,
  );
}

describe.each(['healthy-legacy', 'healthy-nft', 'healthy-nftables', 'healthy-vxlan-legacy'])('%s', (name) => {
  test.each<[NodeName, NodeName]>([
    ['n1', 'n2'],
    ['n2', 'n1'],
  ])('%s refuses %s: the address is wrong, or the set is behind', async (at, peer) => {
    const refusing = withoutHost(readCapture(name), at, addresses[peer]);
    expect(await found(holdingAddress(refusing, peer, '192.0.2.7/24'))).toEqual([
      `node-address-misdetected wrong ${peer}`,
      `tunnel-source-refused differs ${peer}→${at} because of node-address-misdetected`,
    ]);
    expect(await found(refusing)).toEqual([`tunnel-source-refused stale ${peer}→${at}`]);
  });
  test('nothing is refused', async () => {
    expect(await found(readCapture(name))).toEqual([]);
  });
});
