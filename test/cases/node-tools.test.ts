import { describe, expect, test } from '@jest/globals';
import { diagnose, lookAgain, type DiagnoseDeps, type DiagnoseRequest } from '../../src/engine/diagnose.ts';
import { computed } from '../../src/computed/registry.ts';
import type { Clock } from '../../src/model/ports.ts';
import type { FlowPort, FlowSource } from '../../src/model/target.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import { probes } from '../../src/probes/registry.ts';
import { rules } from '../../src/rules/registry.ts';
import { captureCluster } from './capture-cluster.ts';
import { captureShells } from './capture-shells.ts';
import { readCapture } from './capture.ts';
import { hidingTools, silencing, type Hiding } from './hidden-tools.ts';

const clock: Clock = { now: () => new Date('2026-11-23T18:00:10Z'), sleep: async () => {} };
const web: FlowPort = { protocol: 'tcp', number: 8080 };

const client: FlowSource = { kind: 'pod', namespace: 'default', name: 'client' };

interface Asked {
  readonly from?: FlowSource;
  /** No connection is answered. */
  readonly isSilent?: boolean;
}

function cluster(name: string, tools: readonly string[], how: Hiding | undefined, isSilent: boolean): DiagnoseDeps {
  const capture = readCapture(name);
  const shells = hidingTools(captureShells(capture), tools, how);
  return {
    probes,
    computed,
    rules,
    clock,
    cluster: captureCluster(capture),
    shells: isSilent ? silencing(shells) : shells,
  };
}

const request = (from: FlowSource, port: FlowPort | null): DiagnoseRequest => ({
  run: 'r-capture',
  target: { cluster: 'default', namespace: 'default', pod: 'mypod', from, port },
});

const judgeWithout = async (
  name: string,
  tools: readonly string[],
  port: FlowPort | null = null,
  how?: Hiding,
  { from = client, isSilent = false }: Asked = {},
) => diagnose(cluster(name, tools, how, isSilent), request(from, port), async () => {});

const rulesOf = (verdict: Verdict) =>
  [...verdict.roots, ...verdict.consequences, ...verdict.latent].map(({ rule }) => rule);
const spots = ({ blindSpots }: Verdict, code: string) =>
  [...new Set(blindSpots.filter((spot) => spot.code === code).map(({ reason }) => reason))].toSorted();

describe('a node without a program: what works is healthy, and the program is named once a node', () => {
  const tools = ['ipset', 'tcpdump', 'calicoctl', 'nft', 'curl', 'ss'];
  const healthy = ['healthy-legacy', 'healthy-nft', 'healthy-kdd-nft', 'healthy-vxlan-legacy'];
  test.each(healthy.flatMap((name) => tools.map((tool) => [tool, name])))('no %s, %s', async (tool, name) => {
    const verdict = await judgeWithout(name, [tool]);
    expect([verdict.verdict, verdict.flow, rulesOf(verdict)]).toEqual(['healthy', 'works', []]);
    expect(
      spots(verdict, 'tool-missing').filter((reason) => !reason.startsWith(`${tool} is not installed on n`)),
    ).toEqual([]);
    expect(spots(verdict, 'tool-missing').length).toBeGreaterThan(0);
  });

  test.each([
    ['policies-legacy', ['iptables-legacy-save']],
    ['policies-nft', ['iptables-nft-save']],
    ['policies-legacy', ['ping']],
    ['policies-nft', ['ipset']],
    ['policies-legacy', ['ipset', 'tcpdump', 'calicoctl', 'nft', 'curl', 'ss', 'ping']],
  ])('%s, 8080/tcp, no %j', async (name, hidden) => {
    const verdict = await judgeWithout(name, hidden, web);
    expect([verdict.verdict, verdict.flow, rulesOf(verdict)]).toEqual(['healthy', 'works', []]);
    for (const tool of hidden)
      expect(spots(verdict, 'tool-missing')).toContainEqual(expect.stringMatching(`^${tool} is not installed on n`));
  });

  test('a program that is there and may not run', async () => {
    const verdict = await judgeWithout('healthy-nft', ['ipset', 'tcpdump'], null, 'refused');
    expect([verdict.verdict, spots(verdict, 'tool-refused')]).toEqual([
      'healthy',
      ['n1', 'n2'].flatMap((node) =>
        ['ipset', 'tcpdump'].map((tool) => `${node} does not run ${tool}: Permission denied. Check the file's rights`),
      ),
    ]);
  });

  test.each(['healthy-legacy', 'healthy-nftables', 'healthy-kdd-nft'])(
    'calicoctl without settings, %s',
    async (name) => {
      const verdict = await judgeWithout(name, ['calicoctl', 'grep'], null, 'unconfigured');
      expect([verdict.verdict, verdict.flow, rulesOf(verdict)]).toEqual(['healthy', 'works', []]);
      expect(spots(verdict, 'not-configured')).toContainEqual(
        expect.stringMatching(/^calicoctl on n1 has no settings of a datastore .*\/etc\/calico\/calicoctl\.cfg$/),
      );
    },
  );

  test('without ping, a flow of pings is not known to work', async () => {
    const verdict = await judgeWithout('healthy-legacy', ['ping']);
    expect([verdict.verdict, verdict.flow, spots(verdict, 'tool-missing')]).toEqual([
      'inconclusive',
      'unknown',
      ['n1', 'n2'].map(
        (node) =>
          `ping is not installed on ${node}. Run apt-get install iputils-ping (Debian) or dnf install iputils (RHEL)`,
      ),
    ]);
  });
});

const silently = (name: string, from: Pick<FlowSource & { kind: 'pod' }, 'namespace' | 'name'>) =>
  judgeWithout(name, ['ipset'], web, 'missing', { from: { kind: 'pod', ...from }, isSilent: true });

describe('without ipset, the datastore says what sets would', () => {
  test.each(['policies-legacy', 'policies-nft'])('%s: the policy that refuses this source', async (name) => {
    const verdict = await silently(name, { namespace: 'shop', name: 'db' });
    expect([verdict.verdict, verdict.flow, verdict.roots.map(({ rule }) => rule)]).toEqual([
      'fault',
      'fails',
      ['policy-denies-ingress'],
    ]);
    expect(verdict.roots[0]?.title).toBe('Policy default/web-from-client-and-shop-api blocks 8080/tcp from shop/db');
    expect(verdict.roots[0]?.detail).toContain('ipset is not installed on n1');
  });

  test.each(['policies-legacy', 'policies-nft'])('%s: no policy refuses that source', async (name) => {
    const verdict = await silently(name, { namespace: 'default', name: 'client' });
    expect(verdict.roots.map(({ rule }) => rule)).toEqual([]);
    const rule = 'policy-denies-ingress';
    const judged = await lookAgain(cluster(name, ['ipset'], 'missing', true), request(client, web), [rule]);
    expect(judged.get(rule)?.outcome).toEqual({
      outcome: 'pass',
      by: expect.stringContaining("the datastore's policies allow it (ingress): "),
    });
  });
});
