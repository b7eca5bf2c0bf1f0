import { expect, test } from '@jest/globals';
import { blind, changed, valueOf, type Facts } from '../support/facts.ts';
import { facts, onTarget, stopAt } from './stopped-flow.ts';

test.each([
  [{ taken: [], unread: [{ node: 'n1', why: 'tc: command not found' }] }, 'tc: command not found'],
  [
    {
      taken: [
        {
          node: 'n1',
          area: 'target-node',
          pod: null,
          device: 'cali1',
          by: 'filters',
          text: 'ingress: eBPF program guard',
          isRoot: false,
          to: null,
          rise: 5,
          idle: 4,
          sent: 3,
          beside: 1,
        },
      ],
      unread: [],
    },
    'cali1 of n1 took 5 packets meanwhile: ingress: eBPF program guard',
  ],
] as const)('queues that were not read, or may have taken it, are told', async (counts, why) => {
  const stop = await stopAt(onTarget, changed(facts, { 'queue-counts': counts }));
  expect(stop.notChecked).toContainEqual({
    what: 'queues and filters of tc',
    node: 'n1',
    why,
    command: 'tc -s qdisc show dev cali1; tc -s filter show dev tunl0 ingress; tc -s filter show dev cali1 egress',
  });
});

const why = async (of: typeof facts) =>
  (await stopAt(onTarget, of)).notChecked.find(({ what }) => what.startsWith('eBPF programs'))?.why;

test('an XDP program that gets the packet before a capture does is named', async () => {
  const links = valueOf(facts, 'links@target');
  const guarded = (name: string, on: string) =>
    changed(facts, { 'links@target': links.map((one) => (one.name === on ? { ...one, xdp: { name, id: 97 } } : one)) });
  expect(await why(guarded('filter', 'tunl0'))).toBe(
    'tunl0 runs the XDP program filter (id 97) on n1, which gets packets before a capture does and is not read',
  );
  expect(await why(guarded('cali_xdp_preamb', 'tunl0'))).toBeNull();
  // There the capture saw the packet.
  expect(await why(guarded('filter', 'eth0'))).toBeNull();
  const between = await stopAt({ 'source-card': '>', 'target-card': '' }, guarded('filter', 'eth0'));
  expect(between.notChecked).toContainEqual({
    what: 'XDP programs of network interfaces',
    node: 'n1',
    why: 'eth0 runs the XDP program filter (id 97) on n1, which gets packets before a capture does and is not read',
    command: 'ip -d link show dev eth0; bpftool net show',
  });
});

test('an XDP program of another pod is not named', async () => {
  const links = valueOf(facts, 'links@target');
  const others = links
    .filter(({ hostRoutes }) => hostRoutes !== undefined)
    .map((one) => ({ ...one, name: 'cali9', hostRoutes: ['10.244.1.99'], xdp: { name: 'filter', id: 97 } }));
  expect(others).not.toEqual([]);
  const stop = await stopAt(onTarget, changed(facts, { 'links@target': [...links, ...others] }));
  expect(stop.notChecked.filter(({ why }) => why?.includes('XDP'))).toEqual([]);
});

test('commands for packets of IPv6 show what these meet', async () => {
  const flow = valueOf(facts, 'flow');
  const end = (of: typeof flow.source, address: string) => ({ ...of, address });
  const ofIpv6 = changed(facts, {
    flow: { ...flow, source: end(flow.source, 'fd00::2'), destination: end(flow.destination, 'fd00::1') },
  });
  expect((await commandsWithoutWalks(facts)).join('\n')).toMatch(/^iptables-save -c[^]*; ip rule$/m);
  expect((await commandsWithoutWalks(ofIpv6)).join('\n')).toMatch(/^ip6tables-save -c[^]*; ip -6 rule$/m);
});

async function commandsWithoutWalks(of: Facts): Promise<readonly string[]> {
  const stop = await stopAt({ 'source-card': '>', 'target-pod': '' }, blind(of, ['walks', 'routing@target']));
  return stop.notChecked.map(({ command }) => command);
}
