import { beforeAll, describe, expect, test } from '@jest/globals';
import { unavailable, type Fact } from '../../../src/model/evidence.ts';
import type { FactKey, FactValue } from '../../../src/model/facts.ts';
import type { KubernetesNode } from '../../../src/model/kubernetes.ts';
import type { PodPrograms } from '../../../src/model/ebpf-programs.ts';
import { outsideEnd } from '../../../src/flow-walks/ends.ts';
import { parseQueues } from '../../../src/probes/parse/queues.ts';
import { markedFlows } from '../../../src/probes/traffic/marked-flows.ts';
import { readCapture } from '../../cases/capture.ts';
import { captured, valueOf, type Facts } from '../../support/facts.ts';
import { aPod, codeOf, probing, type Script } from '../scripted.ts';

const nodes = ['n1', 'n2'].map((name, at): KubernetesNode => ({
  metadata: { name },
  status: { addresses: [{ type: 'InternalIP', address: `10.250.0.1${at + 1}` }] },
}));
const port = { protocol: 'tcp', number: 8080 } as const;
let healthy: Facts;
let filtered: Facts;
beforeAll(async () => {
  [healthy, filtered] = (await Promise.all(
    ['healthy-legacy', 'foreign-forward-drop-nft'].map((name) => captured(name, { port })),
  )) as [Facts, Facts];
});

const quiet = '0 packets captured\n0 packets received by filter\n0 packets dropped by kernel\n';
const answered: Script = {
  'bash-tcp-connect-in-pod': {},
  ping: { stdout: '1 packets transmitted, 1 received' },
  'ping-in-pod': { stdout: '1 packets transmitted, 1 received' },
  'bash-tcp-connect': {},
  'tcpdump-flow': { stderr: quiet },
  'tcpdump-bare': { stderr: quiet },
};
const lost: Script = { ...answered, 'bash-tcp-connect-in-pod': { exit: 124 } };
const given = [
  'flow',
  'walks',
  'kernel-ways',
  ...(['rulesets', 'routes', 'links'] as const).flatMap((key) => [`${key}@target`, `${key}@source`] as const),
] as const satisfies readonly FactKey[];
type Given = { readonly [K in FactKey]?: Fact<FactValue<K>> | FactValue<K> };

/** Gathers with the facts of a capture; `sent` has the ids of the commands, in their order. */
function gathering(facts: Facts, script: Script, changes: Given = {}) {
  const sent: string[] = [];
  const logged = Object.fromEntries(
    Object.entries(script).map(([id, said]) => [
      id,
      (params: Readonly<Record<string, string>>) => {
        sent.push(id);
        return typeof said === 'function' ? said(params) : said;
      },
    ]),
  );
  const known = Object.fromEntries(given.map((key) => [key, facts[key]]));
  const gathered = probing(markedFlows, {
    script: logged,
    facts: {
      ...known,
      nodes,
      programs: unavailable('not-applicable', 'no node runs the eBPF dataplane'),
      'queues@target': [],
      'queues@source': [],
      'pod-network': unavailable('ssh-refused', 'nobody looked'),
      'source-pod-network': unavailable('ssh-refused', 'nobody looked'),
      ...changes,
    },
  });
  return { gathered, sent };
}
const words = async ({ gathered }: ReturnType<typeof gathering>) => {
  const fact = await gathered.fact('reachability');
  if (fact.status === 'unavailable') return fact.code;
  return fact.value.attempts.map(({ what, answered: got, sent, answer }) => `${what} ${got}/${sent} ${answer}`);
};

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

const device = () => valueOf(healthy, 'flow').destination.interface ?? '';
const listed = (kind: string, dropped: number) =>
  `qdisc ${kind}\n Sent 0 bytes 0 pkt (dropped ${dropped}, overlimits 0 requeues 0) \n`;

const inTurn = (kind: string, ...dropped: readonly number[]) => {
  let next = 0;
  return () => ({ stdout: listed(kind, dropped[Math.min(next++, dropped.length - 1)] ?? 0) });
};
const counts = async (script: Script, kind: string, changes: Given = {}) =>
  gathering(
    healthy,
    { ...lost, ...script },
    { 'queues@target': parseQueues(listed(kind, 0)), ...changes },
  ).gathered.fact('queue-counts');

describe('queues and filters of tc on the way', () => {
  test('are counted before the test packets, after them, and once more while nothing is sent', async () => {
    const kind = `tbf 8009: dev ${device()} root refcnt 3 rate 8Kbit burst 1600b limit 1b `;
    expect(await counts({ 'tc-qdisc-show': inTurn(kind, 2, 5, 5) }, kind)).toMatchObject({
      value: {
        taken: [{ node: 'n1', device: device(), by: 'queue', isRoot: true, rise: 3, idle: 0, sent: 3, beside: 1 }],
        unread: [],
      },
    });
  });
  test('that took nothing are not told', async () => {
    const kind = `tbf 8009: dev ${device()} root refcnt 3 rate 8Kbit burst 1600b limit 1b `;
    expect(await counts({ 'tc-qdisc-show': inTurn(kind, 2, 2) }, kind)).toMatchObject({
      value: { taken: [], unread: [] },
    });
  });
  test('that were made anew meanwhile are not compared', async () => {
    const kind = `tbf 8009: dev ${device()} root refcnt 3 rate 8Kbit burst 1600b limit 1b `;
    let looks = 0;
    const script: Script = {
      'tc-qdisc-show': () => ({ stdout: listed((looks += 1) > 1 ? kind.replace('8009', '8010') : kind, looks * 3) }),
    };
    expect(await counts(script, kind)).toMatchObject({ value: { taken: [] } });
  });
  test('filters are told with their programs, and what they redirect with where to', async () => {
    const kind = `clsact ffff: dev ${device()} parent ffff:fff1 `;
    let looks = 0;
    const script: Script = {
      'tc-qdisc-show': inTurn(kind, 0, 4, 4),
      'tc-filter-show-ingress': () => ({
        stdout:
          '\taction order 1: mirred (Egress Redirect to device tunl0) stolen\n' +
          `\tSent 420 bytes ${(looks += 1) > 1 ? 3 : 0} pkt (dropped 0, overlimits 0 requeues 0) \n`,
      }),
      'tc-filter-show-egress': {
        stdout:
          'filter protocol all pref 49152 bpf chain 0 handle 0x1 t direct-action not_in_hw id 98 name guard tag 1',
      },
    };
    expect(await counts(script, kind)).toMatchObject({
      value: {
        taken: [
          { by: 'filters', text: 'egress: eBPF program guard', rise: 4, idle: 0 },
          { by: 'redirect', to: { device: 'tunl0', kind: 'tun' }, rise: 3, idle: 0 },
        ],
      },
    });
  });
  test("a queue at the pod's own end of its interface is read inside the pod", async () => {
    const links = [{ index: 3, name: 'eth0', flags: [], mtu: 1480, operState: 'UP', addresses: [], qdisc: 'netem' }];
    const network = { links, namespace: 'cni-1', ownInterface: 'eth0' } as never;
    const kind = 'netem 8001: dev eth0 root refcnt 2 limit 1000 loss 100%';
    const { gathered, sent } = gathering(
      healthy,
      { ...lost, 'tc-qdisc-show-in-pod': inTurn(kind, 0, 3, 3) },
      { 'source-pod-network': network },
    );
    expect(await gathered.fact('queue-counts')).toMatchObject({
      value: { taken: [{ node: 'n2', area: 'source-pod', pod: { namespace: 'cni-1' }, rise: 3, idle: 0, beside: 0 }] },
    });
    expect(sent.filter((id) => id === 'tc-qdisc-show-in-pod')).toHaveLength(3);
  });
  test("those of an interface with Calico's own programs are left to these", async () => {
    const kind = `clsact ffff: dev ${device()} parent ffff:fff1 `;
    const own: PodPrograms = {
      node: 'n1',
      address: '192.0.2.1',
      interface: 'cali9',
      index: 9,
      attached: { ingress: 'yes', egress: 'yes' },
      state: 'ready',
      delivery: 'interface',
      otherVersion: null,
      kubeProxies: [],
      unread: [],
      at: '2026-11-23T18:00:00.000Z',
      hooks: {},
      counters: {},
    };
    const fact = await counts({ 'bash-ebpf-counts': { exit: 1 } }, kind, { programs: [own] });
    expect(fact).toMatchObject({ value: { taken: [], unread: [] } });
  });
  test('that cannot be read are told', async () => {
    const fact = await counts({}, 'noqueue 0: dev lo root ', {
      'queues@source': unavailable('tool-missing', 'n2 has no tc'),
    });
    expect(fact).toMatchObject({ value: { taken: [], unread: [{ node: 'n2', why: 'n2 has no tc' }] } });
    const kind = `tbf 8009: dev ${device()} root refcnt 3 limit 1b `;
    const refused = await counts({ 'tc-qdisc-show': { exit: 1, stderr: 'Error: no' } }, kind);
    expect(refused).toMatchObject({ value: { taken: [], unread: [{ node: 'n1' }] } });
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
