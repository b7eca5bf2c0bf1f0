import { beforeAll, describe, expect, test } from '@jest/globals';
import { unavailable } from '../../../src/model/evidence.ts';
import type { PodPrograms } from '../../../src/model/ebpf-programs.ts';
import type { Link } from '../../../src/model/network.ts';
import { parseQueues } from '../../../src/probes/parse/queues.ts';
import { captured, valueOf, type Facts } from '../../support/facts.ts';
import type { Script } from '../scripted.ts';
import type { Given } from './flow-facts.ts';
import { gathering, lost } from './sent-packets.ts';

let healthy: Facts;
beforeAll(async () => {
  healthy = await captured('healthy-legacy', { port: { protocol: 'tcp', number: 8080 } });
});

const device = () => valueOf(healthy, 'flow').destination.interface ?? '';
const listed = (kind: string, dropped: number) =>
  `qdisc ${kind}\n Sent 0 bytes 0 pkt (dropped ${dropped}, overlimits 0 requeues 0) \n`;

const shaper = (name: string) => `tbf 1: dev ${name} root refcnt 2 rate 8Kbit burst 1600b limit 100b `;
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
  test('that have no room for any packet are told, too, where none came to them', async () => {
    const kind = `tbf 8009: dev ${device()} root refcnt 3 rate 8Kbit burst 1600b limit 1b `;
    expect(await counts({ 'tc-qdisc-show': inTurn(kind, 2, 2) }, kind)).toMatchObject({
      value: { waiting: [{ node: 'n1', device: device(), isRoot: true, rise: 0, sent: 3 }] },
    });
    const slow = kind.replace('limit 1b', 'limit 9Kb');
    expect(await counts({ 'tc-qdisc-show': inTurn(slow, 2, 2) }, slow)).toMatchObject({ value: { waiting: [] } });
    expect(await counts({ 'tc-qdisc-show': inTurn(kind, 2, 5, 5) }, kind)).toMatchObject({ value: { waiting: [] } });
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
  test('a queue to which a filter of the way hands packets is counted, and one of other interfaces is not', async () => {
    const clsact = `ingress ffff: dev ${device()} parent ffff:fff1 ---------------- `;
    let looks = 0;
    const links = valueOf(healthy, 'links@target');
    const [one] = links.filter(({ name }) => name === 'eth0');
    const ifbs = ['bwp1', 'bwp2'].map((name) => ({ ...one, name, kind: 'ifb', addresses: [] }) as Link);
    const script: Script = {
      'tc-qdisc-show': () => ({
        stdout: [clsact, shaper('bwp1'), shaper('bwp2')]
          .map((kind, at) => listed(kind, at === 0 || looks === 0 ? 0 : 3))
          .join(''),
      }),
      'tc-filter-show-ingress': () => ({
        stdout:
          '\taction order 1: mirred (Egress Redirect to device bwp1) stolen\n' +
          `\tSent 420 bytes ${(looks += 1) > 1 ? 3 : 0} pkt (dropped 0, overlimits 0 requeues 0) \n`,
      }),
      'tc-filter-show-egress': {},
    };
    const read = await counts(script, clsact, { 'links@target': [...links, ...ifbs] });
    expect(read).toMatchObject({
      value: {
        taken: [
          { by: 'queue', device: 'bwp1', rise: 3, idle: 0 },
          { by: 'redirect', device: device(), to: { device: 'bwp1', kind: 'ifb' }, rise: 3 },
        ],
      },
    });
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
  test('those by which the packet would leave are counted where the kernel refuses it', async () => {
    const kind = 'tbf 8009: dev tunl0 root refcnt 3 rate 8Kbit burst 1600b limit 1b ';
    const words = 'No route to host';
    const ways = valueOf(healthy, 'kernel-ways').map((way) =>
      way.of === 'reply-target-egress'
        ? { ...way, answer: { kind: 'refused' as const, error: 'no-route-to-host' as const, words } }
        : way,
    );
    expect(await counts({ 'tc-qdisc-show': inTurn(kind, 2, 2) }, kind, { 'kernel-ways': ways })).toMatchObject({
      value: { waiting: [{ node: 'n1', device: 'tunl0' }] },
    });
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
