/** Packets of the kernel's own VXLAN are lost, and captured as a diagnosis does: a lab is not needed for that. */
import { afterEach, expect, test } from '@jest/globals';
import { fillTemplate } from '../../src/model/command-line.ts';
import type { CommandTemplate } from '../../src/model/command.ts';
import type { NodeLook } from '../../src/model/probe.ts';
import { tcpdumpBare } from '../../src/commands/tcpdump.ts';
import { startCaptures } from '../../src/probes/lib/captures.ts';
import { notPrinted, parseTcpdump, silentAddresses } from '../../src/probes/parse/tcpdump.ts';
import { vxlanLostBetweenNodes as rule } from '../../src/rules/underlay/vxlan-lost-between-nodes.ts';
import { captured, changed, evaluated, failing, valueOf, type Facts } from '../support/facts.ts';
import { isTunnelDevice } from '../../src/tunnels/registry.ts';
import { inIpv6 } from '../cases/as-ipv6.ts';
import { openVxlanNetwork, type LiveCommand, type VxlanNetwork } from './vxlan-network.ts';

const ofIpv4 = failing(await captured('healthy-vxlan-legacy'));
const addressed = ['flow', 'links@target', 'links@source', 'routes@target', 'routes@source'] as const;
const ofIpv6: Facts = {
  ...ofIpv4,
  ...Object.fromEntries(addressed.map((key) => [key, inIpv6(ofIpv4[key], 'vxlan.calico')])),
};
const families = { IPv4: ofIpv4, IPv6: ofIpv6 };
const tunnelAddressAt = (facts: Facts, at: 'target' | 'source') =>
  valueOf(facts, `links@${at}`).find(({ name }) => isTunnelDevice(name))?.addresses[0]?.address ?? '';
const opened = (facts: Facts) =>
  openVxlanNetwork(valueOf(facts, 'flow'), {
    source: tunnelAddressAt(facts, 'source'),
    destination: tunnelAddressAt(facts, 'target'),
  });
const node = (facts: Facts, at: 'target' | 'source') => ({
  rulesets: valueOf(facts, `rulesets@${at}`),
  routes: valueOf(facts, `routes@${at}`),
  links: valueOf(facts, `links@${at}`),
});

let network: VxlanNetwork | null = null;
afterEach(() => network?.close());

/** Captures on both nodes while three small pings and a large one are sent as asked, and as many between the nodes. */
async function captureOf({ ping, start }: VxlanNetwork, facts: Facts) {
  const flow = valueOf(facts, 'flow');
  const captures: LiveCommand[] = [];
  const look = (at: 'source' | 'destination') =>
    ({
      node: flow[at].node,
      start: (command: CommandTemplate, params: Readonly<Record<string, string>>) => {
        const capture = start(at, fillTemplate(command, params).argv);
        captures.push(capture);
        return capture;
      },
    }) as unknown as NodeLook<string>;
  const { finish } = await startCaptures({
    flow,
    targetNode: look('destination'),
    sourceNode: look('source'),
    target: node(facts, 'target'),
    source: node(facts, 'source'),
  });
  for (const bytes of [601, 602, 603, 1201]) ping(flow.source.address, flow.destination.address, bytes);
  for (const bytes of [701, 702, 703, 1301])
    ping(flow.source.nodeAddress ?? '', flow.destination.nodeAddress ?? '', bytes);
  // The last plain packet is never lost: what was sent before it was seen by then, or never will be.
  await Promise.all(captures.map((capture) => capture.printed('length 1309')));
  const capture = await finish();
  if (capture.status !== 'observed') throw new Error(capture.reason);
  return capture.value;
}

const cases = [
  { what: 'nothing is lost', blocked: false, arrived: 4, found: { outcome: 'pass' } },
  {
    what: 'VXLAN is dropped on its way',
    blocked: true,
    arrived: 0,
    found: {
      outcome: 'fail',
      findings: [
        {
          subject: { kind: 'NodePair', name: 'n2→n1' },
          proof: 'capture',
          data: { sent: '4', arrived: '0', control: '4' },
        },
      ],
    },
  },
];

test.each((['IPv4', 'IPv6'] as const).flatMap((family) => cases.map((one) => ({ family, ...one }))))(
  'of $family, $what: found $found.outcome',
  async ({ family, blocked, arrived, found }) => {
    const facts = families[family];
    const flow = valueOf(facts, 'flow');
    network = opened(facts);
    if (blocked) network.block();
    const capture = await captureOf(network, facts);
    expect(capture.encapsulation).toBe('vxlan');
    expect(
      capture.places.map(({ hop, requests, largeRequests, outer }) => [
        hop,
        requests.length + largeRequests.length,
        outer[0],
      ]),
    ).toEqual([
      ['source-card', 4, { source: flow.source.nodeAddress, destination: flow.destination.nodeAddress }],
      [
        'target-card',
        arrived,
        arrived ? { source: flow.source.nodeAddress, destination: flow.destination.nodeAddress } : undefined,
      ],
    ]);
    expect((await evaluated(rule, changed(facts, { 'path-capture': capture }))).outcome).toMatchObject(found);
  },
  60_000,
);

// tcpdump on its own keeps what it saw for up to a second, and throws it away when it is ended.
test('a capture that is ended at once has printed what it saw', async () => {
  const flow = valueOf(ofIpv4, 'flow');
  network = opened(ofIpv4);
  const [from, to] = [flow.source.nodeAddress ?? '', flow.destination.nodeAddress ?? ''];
  const addresses = { source: flow.source.address, destination: flow.destination.address, sourceNode: from };
  const template = fillTemplate(tcpdumpBare, {
    ...addresses,
    interface: 'eth0',
    tunnel: tunnelAddressAt(ofIpv4, 'source'),
    udpPort: '0',
    control: to,
    controlLength: '829',
    owner: to,
  });
  const capture = network.start('source', template.argv);
  await capture.ready;
  network.ping(from, to, 801);
  await capture.asleep();
  capture.stop();
  const { stdout, stderr } = await capture.result;
  expect(parseTcpdump(stdout).map(({ detail, length }) => [detail, length])).toEqual([
    ['request', 829],
    ['reply', 829],
  ]);
  expect([notPrinted(stderr), silentAddresses(stdout)]).toEqual([0, []]);
  expect(stdout).toMatch(/ARP, Request who-has/);
}, 60_000);
