import { describe, expect, test } from '@jest/globals';
import type { PodPrograms } from '../../src/model/ebpf-programs.ts';
import type { PacketWalk } from '../../src/model/flow-walk.ts';
import { walkPrograms } from '../../src/flow-walks/programs.ts';
import { captured, leg, valueOf } from '../support/facts.ts';

const web = { protocol: 'tcp', number: 8080 } as const;

/** As the real programs of both nodes decide it. */
async function walked(capture: string, wanted: PacketWalk['leg'], port: typeof web | null = null): Promise<PacketWalk> {
  return leg(await captured(capture, port ? { port } : {}), wanted);
}

describe('the policies of real programs decide', () => {
  test.each([
    ['healthy-bpf', null],
    ['healthy-tc-bpf', null],
    ['policies-bpf', web],
  ] as const)('%s, %j: every leg through the programs is let through', async (capture, port) => {
    for (const wanted of ['source-egress', 'target-ingress', 'reply-target-egress', 'reply-source-ingress'] as const)
      expect(await walked(capture, wanted, port)).toMatchObject({
        byPrograms: true,
        result: { decision: 'accept', uncertainties: [] },
      });
  });
  test('a policy that allows nothing: the end of its tier, with the policies that select the pod', async () => {
    expect(await walked('policy-denies-ingress-bpf', 'target-ingress')).toMatchObject({
      byPrograms: true,
      result: {
        decision: 'drop',
        rule: {
          backend: 'ebpf',
          table: 'cali4e199eba087',
          chain: 'tc egress',
          text: 'End Tier: default  (action: deny)',
        },
        owner: {
          kind: 'tier-default',
          tier: 'default',
          direction: 'ingress',
          policies: [{ kind: 'KubernetesNetworkPolicy', name: 'deny-web', namespace: 'default' }],
        },
      },
    });
  });
  test('a ping passes the tier that passes it on, and ends at the next', async () => {
    const { result } = await walked('policies-bpf', 'target-ingress');
    expect([result.decision, result.owner?.tier, result.rule?.index]).toEqual(['drop', 'default', 9]);
  });
  test('the denying rule of a policy is named', async () => {
    const { result } = leg(
      await captured('policies-bpf', { port: { protocol: 'tcp', number: 2250 } }),
      'target-ingress',
    );
    expect(result).toMatchObject({
      decision: 'drop',
      rule: { text: 'Rule: default/security.web-guard  Action: deny  Match: proto=tcp dports={22,2200-2299}' },
      owner: { kind: 'policy', name: 'security.web-guard', namespace: 'default', tier: 'security' },
    });
  });
});

/** Where one thing of what the programs hold is another. */
const judged = async (change: Partial<PodPrograms>) => {
  const facts = await captured('policies-bpf', { port: web });
  const programs = valueOf(facts, 'programs').find(({ node }) => node === 'n1');
  if (!programs) throw new Error('no programs');
  return walkPrograms(leg(facts, 'target-ingress'), { destination: { ...programs, ...change } }, 'why');
};

describe('the programs leave open', () => {
  test.each<[string, Partial<PodPrograms>, string]>([
    [
      'policies that were not read',
      { hooks: {}, unread: ['policy: exit 1'] },
      'their policies were not read: policy: exit 1',
    ],
    [
      'no policy and no profile',
      { hooks: { ingress: { hook: 'tc egress', tiers: [], profiles: [] } } },
      'they hold no policy and no profile',
    ],
    [
      'an unknown way of attaching',
      { attached: { ingress: 'unknown', egress: 'unknown' } },
      'it is not known whether they are attached',
    ],
  ])('%s: the datastore is asked', async (_, change, why) => {
    const { result } = await judged(change);
    expect(result).toMatchObject({ decision: 'unknown', uncertainties: [{ why, askDatastore: true }] });
  });
  test('a criterion that is not understood leaves the rest open', async () => {
    const rule = { index: 1, text: 'Rule: a', action: 'deny', match: 'icmp_type=8', hits: 0 } as const;
    const profiles = [{ name: 'kns.default', rules: [rule] }];
    const { result } = await judged({ hooks: { ingress: { hook: 'tc egress', tiers: [], profiles } } });
    expect(result.decision).toBe('unknown');
  });
  test('a profile that holds one denial of everything stands in for one that is missing', async () => {
    const rule = { index: 1, text: 'Rule: kns.default  Action: deny', action: 'deny', match: null, hits: 0 } as const;
    const profiles = [{ name: 'kns.default', rules: [rule] }];
    const walk = await judged({ hooks: { ingress: { hook: 'tc egress', tiers: [], profiles } } });
    expect([walk.result.decision, walk.standInForProfile]).toEqual(['drop', 'kns.default']);
  });
  test('no profile allows it: the end of the policies', async () => {
    const { result } = await judged({
      hooks: { ingress: { hook: 'tc egress', tiers: [], profiles: [{ name: 'x', rules: [] }] } },
    });
    expect(result).toMatchObject({
      decision: 'drop',
      owner: { kind: 'endpoint' },
      rule: { comments: ['Drop if no profiles matched'] },
    });
  });
  test.each<[string, Partial<PodPrograms>]>([
    ['an interface that they do not know', { state: 'absent' }],
    ['an address that they do not know', { delivery: 'absent' }],
    ['programs that are gone', { attached: { ingress: 'no', egress: 'no' } }],
  ])('%s is left to the packet filters', async (_, change) => {
    const facts = await captured('policies-bpf', { port: web });
    const walk = leg(facts, 'target-ingress');
    const programs = valueOf(facts, 'programs').find(({ node }) => node === 'n1');
    if (!programs) throw new Error('no programs');
    expect(walkPrograms(walk, { destination: { ...programs, ...change } }, 'why')).toBe(walk);
  });
});
