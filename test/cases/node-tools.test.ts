import { describe, expect, test } from '@jest/globals';
import { lookAgain, type DiagnoseDeps } from '../../src/engine/diagnose.ts';
import type { FlowPort, FlowSource } from '../../src/model/target.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import { readCapture } from './capture.ts';
import { captureDeps, captureRequest, client, judgeCapture } from './judge-capture.ts';
import { hidingTools, silencing, type Hiding } from './hidden-tools.ts';

const web: FlowPort = { protocol: 'tcp', number: 8080 };

interface Asked {
  readonly from?: FlowSource;
  /** No connection is answered. */
  readonly isSilent?: boolean;
}

function cluster(name: string, tools: readonly string[], how: Hiding | undefined, isSilent: boolean): DiagnoseDeps {
  const deps = captureDeps(readCapture(name));
  const shells = hidingTools(deps.shells, tools, how);
  return { ...deps, shells: isSilent ? silencing(shells) : shells };
}

const judgeWithout = async (
  name: string,
  tools: readonly string[],
  port: FlowPort | null = null,
  how?: Hiding,
  { from = client, isSilent = false }: Asked = {},
) => judgeCapture(cluster(name, tools, how, isSilent), { from, port });

const rulesOf = (verdict: Verdict) =>
  [...verdict.roots, ...verdict.consequences, ...verdict.latent].map(({ rule }) => rule);
const spots = ({ blindSpots }: Verdict, code: string) =>
  [...new Set(blindSpots.filter((spot) => spot.code === code).map(({ reason }) => reason))].toSorted();

describe('a node without a program: what works is healthy, and the program is named once a node', () => {
  const tools = ['ipset', 'tcpdump', 'calicoctl', 'nft', 'curl', 'ss'];
  const healthy = ['healthy-legacy', 'healthy-nft', 'healthy-nftables', 'healthy-kdd-nft', 'healthy-vxlan-legacy'];
  test.each(healthy.flatMap((name) => tools.map((tool) => [tool, name])))('no %s, %s', async (tool, name) => {
    const verdict = await judgeWithout(name, [tool]);
    expect([verdict.verdict, verdict.flow, rulesOf(verdict)]).toEqual(['healthy', 'works', []]);
    expect(
      spots(verdict, 'tool-missing').filter((reason) => !reason.startsWith(`${tool} is not installed on n`)),
    ).toEqual([]);
    // Nobody needs calicoctl where the API server is the datastore, or ipset where no rule is of iptables.
    const isNeeded =
      !(tool === 'calicoctl' && name.includes('-kdd-')) && !(tool === 'ipset' && name.endsWith('tables'));
    expect(spots(verdict, 'tool-missing').length > 0).toBe(isNeeded);
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

  test.each(['healthy-legacy', 'healthy-nftables'])('calicoctl without settings, %s', async (name) => {
    const verdict = await judgeWithout(name, ['calicoctl', 'grep'], null, 'unconfigured');
    expect([verdict.verdict, verdict.flow, rulesOf(verdict)]).toEqual(['healthy', 'works', []]);
    expect(spots(verdict, 'not-configured')).toContainEqual(
      expect.stringMatching(/^calicoctl on n1 has no settings of a datastore .*\/etc\/calico\/calicoctl\.cfg$/),
    );
  });

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
    const judged = await lookAgain(
      cluster(name, ['ipset'], 'missing', true),
      captureRequest({ from: client, port: web }),
      [rule],
    );
    expect(judged.get(rule)?.outcome).toEqual({
      outcome: 'pass',
      by: expect.stringContaining("the datastore's policies allow it (ingress): "),
    });
  });
});
