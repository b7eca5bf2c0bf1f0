import { describe, expect, test } from '@jest/globals';
import { passage as passageFact } from '../../src/computed/passage.ts';
import { pathOf } from '../../src/engine/path.ts';
import { rulesOut } from '../../src/engine/ruled-out.ts';
import { stopOf } from '../../src/engine/stop.ts';
import { wayLooks } from '../../src/engine/way-looks.ts';
import type { PodWalk } from '../../src/model/flow-walk.ts';
import type { JudgedWay } from '../../src/model/judged-way.ts';
import type { KernelWay } from '../../src/model/kernel-way.ts';
import type { FactKey } from '../../src/model/facts.ts';
import { areas, type Passage } from '../../src/model/passage.ts';
import type { WayPoint } from '../../src/model/sightings.ts';
import { blind, changed, derive, factOf, leg, undecided, valueOf, withWalk } from '../support/facts.ts';
import { fullSizes } from '../support/sizes.ts';
import { arrived, asked, commandsOnTarget, facts, onTarget, passageWith, points, stopAt, way } from './stopped-flow.ts';

describe('what was checked where the flow stops, and what was not', () => {
  test("on the target's node: the next commands have their values", async () => {
    const stop = await stopAt(onTarget);
    expect([stop.direction, stop.lastSeen.interface, stop.missing.node]).toEqual(['request', 'eth0', 'n1']);
    expect(stop.checked).toEqual([
      'packet filter of iptables and nftables',
      "the kernel's jumps into Calico's chains",
      "Calico's dataplane",
      'network interfaces',
      'routes of the main table',
      'routing rules and other routing tables',
      'forwarding and reverse-path settings',
      'neighbour entries of pods',
      'neighbour entries of other nodes',
      'queues and filters of tc',
    ]);
    expect(stop.notChecked).toContainEqual({
      what: 'eBPF programs of network interfaces (XDP, TCX)',
      node: 'n1',
      why: null,
      command: 'ip -d link show dev tunl0; bpftool net show',
    });
  });
  test.each<[string, readonly KernelWay[], string]>([
    [
      'could not be asked',
      [way('target-ingress', { answer: { kind: 'unavailable', code: 'timeout', reason: 'no answer' } })],
      'no answer',
    ],
    [
      'may choose otherwise',
      [way('target-ingress', { doubt: 'a rule asks for the port' })],
      'a rule asks for the port',
    ],
    ['was asked for another way', [way('reply-target-egress')], 'the kernel was not asked for this way'],
  ])('a kernel that %s leaves its routes unchecked', async (_, ways, why) => {
    const { source, destination } = valueOf(facts, 'flow');
    expect((await stopAt(onTarget, { ...facts, ...asked(ways) })).notChecked).toContainEqual({
      what: 'routing rules and other routing tables',
      node: 'n1',
      why,
      command: `ip route get ${destination.address} from ${source.address} iif tunl0; ip rule`,
    });
  });
  test('behind an interface that no capture stood on, its name is what the kernel says, else that of the route', async () => {
    const { destination } = valueOf(facts, 'flow');
    const blinded = blind(facts, ['pod-neighbours']);
    expect(await commandsOnTarget(blinded)).toContain('ip neigh show dev cali1');
    const unasked = blind(blinded, ['kernel-ways']);
    expect(await commandsOnTarget(unasked)).toContain(`ip neigh show dev ${destination.interface}`);
  });
  const neighbour = { node: 'n1', device: 'eth0', linkAddress: null, state: 'FAILED' };
  const found = { ...neighbour, linkAddress: '02:00:00:00:00:99', state: 'STALE' };
  const toHop = '10.0.0.9';
  const heldFor = (to: string, entry: typeof neighbour | typeof found) =>
    changed(facts, { 'node-neighbours': [{ ...entry, address: to }] });
  test('an entry for the other node, or for a next hop, that does not lead to it is told', async () => {
    const peer = valueOf(facts, 'flow').source.nodeAddress ?? '';
    const rows = [
      [changed(facts, { 'node-neighbours': [] }), 'none was found for the other end of the flow'],
      [heldFor(peer, neighbour), `nobody answers ARP for ${peer} at eth0 of n1 (FAILED)`],
      [
        heldFor(peer, found),
        `n1 sends packets for ${peer} at eth0 to 02:00:00:00:00:99 (STALE), and the Ethernet address of the other ` +
          'node is 0a:00:00:00:00:02',
      ],
      [heldFor(toHop, neighbour), 'nobody answers ARP for 10.0.0.9 at eth0 of n1 (FAILED)'],
    ] as const;
    const command = 'ip neigh show';
    for (const [held, why] of rows) {
      const { notChecked } = await stopAt(onTarget, held);
      expect(notChecked).toContainEqual({ what: 'neighbour entries of other nodes', node: 'n1', why, command });
    }
    expect(JSON.stringify((await stopAt(onTarget, heldFor(toHop, found))).notChecked)).not.toContain('of other nodes');
  });
  test('in the pod: its network namespace is named', async () => {
    const stop = await stopAt(arrived, blind(facts, ['pod-network']));
    const { destination } = valueOf(facts, 'flow');
    const link = valueOf(facts, 'links@target').find(({ name }) => name === destination.interface);
    const netns = link?.peerNamespace ?? 'NAMESPACE';
    expect([stop.direction, stop.notChecked.map(({ command }) => command)]).toEqual([
      'reply',
      expect.arrayContaining([`ip netns exec ${netns} ip route`]),
    ]);
  });
  test('between the nodes: the network interface and the other node', async () => {
    const stop = await stopAt({ 'source-card': '>', 'target-card': '' });
    const { source } = valueOf(facts, 'flow');
    expect(stop.notChecked.map(({ command }) => command)).toEqual([
      expect.stringContaining(`tcpdump -p -ni eth0 host ${source.nodeAddress}`),
    ]);
  });
  test('a fact that is not there is told with its reason', async () => {
    const { notChecked } = await stopAt(onTarget, blind(facts, ['rulesets@target', 'routes@target']));
    expect(notChecked.filter(({ why }) => why !== null).map(({ what, why }) => [what, why])).toEqual([
      ['packet filter of iptables and nftables', 'could not look (ssh-refused)'],
      ['routes of the main table', 'could not look (ssh-refused)'],
    ]);
  });
  test('what does not apply to the flow is neither checked nor missed', async () => {
    const stop = await stopAt(arrived, blind(facts, ['listeners'], 'not-applicable'));
    expect(JSON.stringify(stop)).not.toContain('listening sockets');
    expect(JSON.stringify(await stopAt(arrived, blind(facts, ['listeners'])))).toContain('listening sockets');
  });
  test("a node's eBPF programs are not checked, whatever its packet filter says", async () => {
    const ebpf = changed(facts, { dataplanes: [{ node: 'n1', dataplane: 'ebpf', signs: ['a bpfin.cali device'] }] });
    expect((await stopAt(onTarget, ebpf)).notChecked).toContainEqual({
      what: "Calico's dataplane",
      node: 'n1',
      why: expect.stringMatching(/^n1 runs Calico's eBPF dataplane \(a bpfin\.cali device\)\. .*[^.]$/),
      command: 'calico-node -bpf counters dump   # in the container calico-node of the node',
    });
    const other = changed(facts, { dataplanes: [{ node: 'n2', dataplane: 'ebpf', signs: [] }] });
    expect((await stopAt(onTarget, other)).checked).toContain("Calico's dataplane");
  });
  test.each<[string, Partial<JudgedWay>, string | null]>([
    ['explained', { class: 'right' }, null],
    [
      'one that no table explains',
      { class: 'elsewhere', device: 'vpn0' },
      'no table that was read says whether vpn0 is right',
    ],
    ['a refusal without a reason', { class: 'refused', why: 'the kernel says "No"' }, 'the kernel says "No"'],
    ["the other node's", { class: 'refused', why: 'no', way: way('source-egress') }, null],
  ])("a way of the kernel's: %s", async (_, judged, why) => {
    const one = { way: way('target-ingress'), device: 'cali1', why: null, ...judged } as JudgedWay;
    const { notChecked } = await stopAt(onTarget, changed(facts, { 'judged-ways': { ways: [one], unasked: [] } }));
    const routing = notChecked.find(({ what }) => what === 'routing rules and other routing tables');
    expect(routing?.why ?? null).toBe(why);
  });
  test("the pod's own packet filter counts as checked where its walks are sure", async () => {
    const filter = "the pod's own packet filter";
    expect((await stopAt(arrived)).checked).toContain(filter);
    const unread = { walks: [], unread: [{ end: 'destination' as const, why: 'nft is not there' }] };
    expect((await stopAt(arrived, changed(facts, { 'pod-walks': unread }))).notChecked).toContainEqual(
      expect.objectContaining({ what: filter, why: 'nft is not there' }),
    );
    const uncertainties = [{ rule: '-m string -j DROP', why: "the packet's content is not known" }];
    const result = { decision: 'unknown', uncertainties };
    const open = { end: 'destination', packet: 'answer', result } as unknown as PodWalk;
    const undecided = await stopAt(arrived, changed(facts, { 'pod-walks': { walks: [open], unread: [] } }));
    expect(undecided.checked).not.toContain(filter);
    expect(undecided.notChecked).toContainEqual(
      expect.objectContaining({
        what: filter,
        why: 'the rule "-m string -j DROP" can decide either way: the packet\'s content is not known',
      }),
    );
  });
  test('a walk that no rule ends names its hook', async () => {
    const uncertainties = [{ rule: 'FORWARD', why: 'the packet comes with a time to live of 1' }];
    const walk = undecided(leg(facts, 'target-ingress'));
    const open = { ...walk, result: { ...walk.result, uncertainties } };
    expect((await stopAt(onTarget, withWalk(facts, open))).notChecked).toContainEqual(
      expect.objectContaining({
        what: 'packet filter of iptables and nftables',
        why: 'at FORWARD: the packet comes with a time to live of 1',
      }),
    );
  });
  test('sizes between the nodes count as checked where all of them were tried', async () => {
    const between = { 'source-card': '>', 'target-card': '' } as const;
    const sizes = 'packets of full size between the nodes';
    expect((await stopAt(between)).checked).toContain(sizes);
    const untried = changed(facts, { 'path-sizes': { ...fullSizes, untried: ['n2 has no address of n1'] } });
    expect((await stopAt(between, untried)).notChecked).toContainEqual(
      expect.objectContaining({ what: sizes, why: 'n2 has no address of n1' }),
    );
    const small = await stopAt(between, blind(facts, ['path-sizes'], 'not-applicable'));
    expect(JSON.stringify(small)).not.toContain(sizes);
  });
  test('a walk that is not sure does not count as checked, on its own part of the way alone', async () => {
    const unsure = withWalk(facts, undecided(leg(facts, 'target-ingress')));
    const filter = 'packet filter of iptables and nftables';
    expect((await stopAt(onTarget, unsure)).checked).not.toContain(filter);
    const reply = { ...arrived, 'target-pod': '><' } as const;
    expect((await stopAt(reply, unsure)).checked).toContain(filter);
  });
  test('the source itself sends: there is no interface of entry', async () => {
    const { source } = valueOf(facts, 'flow');
    const node = { source: { ...source, interface: null } };
    const stop = await stopAt({ 'source-card': '' }, blind(facts, ['routing@source']), node);
    const routed = stop.notChecked.find(({ command }) => command.startsWith('ip route get'));
    expect(routed?.command).not.toContain('iif');
  });
});

test('every part of the way has checks, and every check fills in its command', async () => {
  for (const area of areas) expect(wayLooks.filter((look) => look.in.includes(area)).length).toBeGreaterThan(0);
  const everywhere = await stopAt({});
  const all = everywhere.notChecked.map(({ command }) => command);
  expect(all.length).toBeGreaterThan(5);
  expect(all.filter((command) => command.includes('{'))).toEqual([]);
  const known = new Set<FactKey>(Object.keys(facts) as FactKey[]);
  const asked = wayLooks.flatMap((look) => look.facts.map((key) => key.replace('@here', '@target') as FactKey));
  expect(asked.filter((key) => !known.has(key))).toEqual([]);
});

describe('one sentence says where', () => {
  test.each<[string, Partial<Readonly<Record<WayPoint, string>>>, string]>([
    [
      'in the source pod',
      { 'source-pod': '' },
      'The request does not leave pod default/client: it was not seen at cali-source-pod of n2.',
    ],
    [
      "on the target's node",
      onTarget,
      'The request is lost on node n1: it was seen at eth0 of n1, and not at cali-target-pod of n1.',
    ],
    [
      'in the pod',
      arrived,
      'The request reached pod default/mypod at cali-target-pod of n1, and no reply came out of the pod.',
    ],
    [
      'the reply between the nodes',
      { 'source-card': '>', 'target-card': '><' },
      'The reply is lost on the network between n2 and n1: it was seen at eth0 of n1, and not at eth0 of n2.',
    ],
    [
      'anywhere',
      {},
      'The request was seen at pod default/client, and no reply came back. Captures do not show which of the two is lost.',
    ],
  ])('%s', async (_, whats, words) => {
    expect((await stopAt(whats)).summary).toBe(words);
  });
  test('an address that nobody answers for is named', async () => {
    const [point] = points({ 'target-pod': '>' });
    const sightings = { points: point ? [{ ...point, silent: ['169.254.1.1'] }] : [] };
    const found = await derive(changed(facts, { sightings }), passageFact);
    const way = (found?.status === 'observed' ? found.value : null) as Passage;
    const stop = await stopOf(way, valueOf(facts, 'flow'), { fact: (key) => factOf(facts, key) });
    expect(stop?.summary).toMatch(
      /^The request reached .* Nobody answers ARP for 169\.254\.1\.1 at cali-target-pod of n1\.$/,
    );
  });
  test('silence after a datagram may be meant', async () => {
    const { summary } = await stopAt(arrived, facts, { port: { protocol: 'udp', number: 53 } });
    expect(summary).toContain('A UDP service may leave a datagram without an answer.');
  });
});

test('the path goes there and back, and one hop is lost', async () => {
  const way = await passageWith(arrived);
  const path = pathOf(way, valueOf(facts, 'flow'));
  expect(path.filter(({ status }) => status === 'lost')).toEqual([
    expect.objectContaining({ direction: 'reply', interface: 'cali-target-pod', node: 'n1' }),
  ]);
  expect(path.map(({ hop }) => hop)).toEqual(path.map((_, at) => at + 1));
  expect(path.find(({ place }) => place === 'pod default/mypod')).toMatchObject({ status: 'not-looked' });
  expect(path.at(-1)).toMatchObject({ direction: 'reply', place: 'pod default/client', status: 'not-looked' });
});

describe('a pass rules its cause out only where the packet was seen behind the place of the cause', () => {
  const policy = { id: 'policy-denies-ingress', step: 'filter' } as const;
  const foreign = { id: 'foreign-rule-drops', step: 'filter' } as const;
  const route = { id: 'block-route-missing', step: 'routes' } as const;
  const underlay = { id: 'ipip-lost-between-nodes', step: 'underlay' } as const;
  const running = { id: 'pod-not-running', step: 'target' } as const;
  const out = async (whats: Partial<Readonly<Record<WayPoint, string>>>, works = false) => {
    const way = await passageWith(whats);
    return [policy, foreign, route, underlay, running].filter((rule) => rulesOut(rule, way, works)).map(({ id }) => id);
  };
  test.each<[string, Partial<Readonly<Record<WayPoint, string>>>, readonly string[]]>([
    ['nothing was seen', {}, ['pod-not-running']],
    ["lost on the target's node", onTarget, ['pod-not-running']],
    ['it arrived, and had no reply', arrived, ['policy-denies-ingress', 'pod-not-running']],
    [
      'its reply reached the other node',
      { 'source-card': '><', 'source-pod': '>' },
      ['policy-denies-ingress', 'block-route-missing', 'ipip-lost-between-nodes', 'pod-not-running'],
    ],
  ])('%s', async (_, whats, ids) => {
    expect(await out(whats)).toEqual(ids);
  });
  test('a flow that works rules out all that was found healthy', async () => {
    expect((await out({}, true)).length).toBe(5);
  });
  test('without a passage only what was read is ruled out', () => {
    expect([rulesOut(running, null, false), rulesOut(foreign, null, false)]).toEqual([true, false]);
  });
});
