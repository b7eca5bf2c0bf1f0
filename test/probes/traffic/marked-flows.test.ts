import { beforeAll, describe, expect, test } from '@jest/globals';
import { outsideEnd } from '../../../src/flow-walks/ends.ts';
import { readCapture } from '../../cases/capture.ts';
import { captured, changed, valueOf, type Facts } from '../../support/facts.ts';
import { aPod, codeOf, type Script } from '../scripted.ts';
import { answered, gathering, lost } from './sent-packets.ts';

const port = { protocol: 'tcp', number: 8080 } as const;
let healthy: Facts;
let filtered: Facts;
beforeAll(async () => {
  [healthy, filtered] = (await Promise.all(
    ['healthy-legacy', 'foreign-forward-drop-nft'].map((name) => captured(name, { port })),
  )) as [Facts, Facts];
});

const quiet = '0 packets captured\n0 packets received by filter\n0 packets dropped by kernel\n';
const words = async ({ gathered }: ReturnType<typeof gathering>) => {
  const fact = await gathered.fact('reachability');
  if (fact.status === 'unavailable') return fact.code;
  return fact.value.attempts.map(({ what, answered: got, sent, answer }) => `${what} ${got}/${sent} ${answer}`);
};

const begun = async (facts: Facts) => {
  const { gathered, sent } = gathering(facts, lost);
  const fact = await gathered.fact('sightings');
  const points = fact.status === 'observed' ? fact.value.points.map(({ point }) => point) : fact.reason;
  return { cards: sent.filter((id) => id === 'tcpdump-flow').length, points };
};

test('a tunnel of another port than the usual one: no capture says that its packets were not seen', async () => {
  const tunnelled = await captured('healthy-vxlan-legacy', { port });
  const links = valueOf(tunnelled, 'links@source').map((link) =>
    link.name === 'vxlan.calico' ? { ...link, vxlan: { port: 8472, id: 4096 } } : link,
  );
  expect(await begun(tunnelled)).toMatchObject({ cards: 2, points: expect.arrayContaining(['source-card']) });
  const other = await begun(changed(tunnelled, { 'links@source': links }));
  expect(other).toMatchObject({ cards: 0, points: expect.not.arrayContaining(['source-card', 'target-card']) });
});

describe('a flow that works', () => {
  test('is tried three times, between captures on both nodes, and nothing more is sent', async () => {
    const tried = gathering(healthy, answered);
    expect(await words(tried)).toEqual(['flow 3/3 reply', 'own-node 1/1 reply', 'node-to-node 2/2 reply']);
    expect(tried.sent.slice(0, 2)).toEqual(['tcpdump-flow', 'tcpdump-flow']);
    expect(tried.sent.filter((id) => id === 'bash-tcp-connect-in-pod')).toHaveLength(3);
    expect(tried.sent.some((id) => /save|tcpdump-bare|tc-/.test(id))).toBe(false);
  });
  test('has no drops to count', async () => {
    const { gathered } = gathering(healthy, answered);
    expect(codeOf(await gathered.fact('drop-counters'))).toBe('not-applicable');
    expect(codeOf(await gathered.fact('queue-counts'))).toBe('not-applicable');
    expect(codeOf(await gathered.fact('path-capture'))).toBe('observed');
  });
  test('does not need captures that busy clients filled', async () => {
    const line = '00:00:00.1 IP 10.244.2.7.40112 > 10.244.1.5.8080: Flags [S], seq 1, win 1, length 0\n';
    const { gathered } = gathering(healthy, {
      ...answered,
      'tcpdump-flow': { stdout: line.repeat(80), stderr: quiet },
    });
    expect(await gathered.fact('path-capture')).toMatchObject({ code: 'not-applicable' });
  });
});

describe('a flow that is lost', () => {
  test('is followed at the pods, and tried large and from the node itself', async () => {
    const tried = gathering(healthy, lost);
    expect(await words(tried)).toEqual([
      'flow 0/3 none',
      'own-node 1/1 reply',
      'node-to-node 2/2 reply',
      'icmp 2/2 reply',
      'node-to-node 2/2 reply',
      'own-node 1/1 reply',
    ]);
    expect(tried.sent.filter((id) => id === 'bash-tcp-connect-in-pod').length).toBeLessThanOrEqual(5);
    expect(tried.sent).toContain('tcpdump-bare');
    expect(await tried.gathered.fact('drop-counters')).toMatchObject({ value: { bursts: [] } });
  });
  test('no answer of one try is enough', async () => {
    let tries = 0;
    const script: Script = {
      ...answered,
      'bash-tcp-connect-in-pod': () => ({ exit: (tries += 1) === 2 ? 124 : 0 }),
    };
    expect((await words(gathering(healthy, script)))[0]).toBe('flow 2/3 none');
  });
  test('is counted at the rule that ends it, before and after', async () => {
    const capture = readCapture('foreign-forward-drop-nft');
    let saves = 0;
    const save = () => {
      const rise = (saves += 1) > 1 ? 3 : 0;
      const text = capture.text('n1/iptables-nft-save-c.txt') ?? '';
      const counted = (_: string, packets: string, bytes: string) =>
        `[${Number(packets) + rise}:${Number(bytes) + rise * 60}] -A FORWARD -i`;
      return { stdout: text.replace(/\[(\d+):(\d+)\] -A FORWARD -i/, counted) };
    };
    const rulesets = valueOf(filtered, 'rulesets@target');
    const tried = gathering(
      filtered,
      {
        ...lost,
        'iptables-nft-save': save,
        'iptables-nft-save-table': save,
        'iptables-nft-list-chain': { exit: 1 },
        'iptables-legacy-save': { stdout: '' },
        'nft-list-chains': { stdout: '' },
        'cat-ip-tables-names': { stdout: '' },
        'ipset-save': { stdout: capture.text('n1/ipset-save.txt') ?? '' },
      },
      { 'rulesets@target': rulesets },
    );
    const fact = await tried.gathered.fact('drop-counters');
    expect(fact).toMatchObject({ status: 'observed', value: { bursts: [{ node: 'n1', sent: 3, length: 60 }] } });
    expect(saves).toBeGreaterThanOrEqual(2);
  });
});

test.each([
  ['is not running', { phase: 'Pending' }, undefined, 'not-applicable'],
  ['is being deleted', { phase: 'Running' }, '2026-11-23T18:00:00Z', 'not-applicable'],
])('nothing is sent to a pod that %s', async (_, status, deletionTimestamp, code) => {
  const pod = { ...aPod, status, metadata: { ...aPod.metadata, ...(deletionTimestamp ? { deletionTimestamp } : {}) } };
  const tried = gathering(healthy, answered, { pod });
  expect([await words(tried), tried.sent]).toEqual([code, []]);
});

test('nothing can be sent from outside', async () => {
  const flow = { ...valueOf(healthy, 'flow'), source: outsideEnd('192.0.2.77') };
  const tried = gathering(healthy, answered, { flow });
  expect([await words(tried), tried.sent]).toEqual(['not-supported', []]);
});

test('a flow that leaves the cluster has one node to capture on', async () => {
  const flow = { ...valueOf(healthy, 'flow'), destination: outsideEnd('192.0.2.77') };
  const { gathered, sent } = gathering(healthy, answered, { flow });
  expect(await gathered.fact('path-capture')).toMatchObject({ code: 'not-applicable' });
  expect(sent.filter((id) => id === 'tcpdump-flow')).toHaveLength(1);
});
