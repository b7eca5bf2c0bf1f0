import { bashEbpfConnections } from '../../commands/bash-ebpf.ts';
import { conntrackListTcp, conntrackListUdp } from '../../commands/conntrack.ts';
import { goalOf, isRenewed, rightEnds, type ConnectionReading, type FlowConnections } from '../../model/connections.ts';
import { observed, type Evidence, type Gap } from '../../model/evidence.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import type { Place } from '../../model/facts.ts';
import type { Flow } from '../../model/flow.ts';
import { LookError } from '../../model/look-error.ts';
import { defineClusterProbe, type NodeLook } from '../../model/probe.ts';
import { gapOf, outputOf } from '../lib/evidence.ts';
import { refuseIpv6 } from '../lib/ipv4-alone.ts';
import { printedDumps } from '../lib/program-reading.ts';
import { parseEbpfConnections } from '../parse/ebpf-connections.ts';
import { dumpOf } from '../parse/ebpf-sections.ts';
import { mostListed, parseConntrack } from '../../model/conntrack-list.ts';

const commands = [conntrackListTcp, conntrackListUdp, bashEbpfConnections] as const;
type Node = NodeLook<(typeof commands)[number]['id']>;

/**
 * When an entry is looked at again, in milliseconds after the first look. Its age is printed in whole seconds: a packet
 * shows after one of them, and that none came only after two.
 */
const watchedMs = [1_100, 2_200] as const;

export const flowConnections = defineClusterProbe({
  id: 'flow-connections',
  description:
    "Entries of the asked flow in the connection tables of the flow's nodes, or of their eBPF programs, with their " +
    'state and translation. They are read before the test packets and after, where no state tells who uses one.',
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands,
  moment: 'burst',
  needs: ['flow'],
  uses: ['kernel-counters@target', 'kernel-counters@source', 'dataplanes', 'reachability', 'service'],
  runsOn: ['target', 'source'],
  provides: ['flow-connections'],
  async read(look, facts) {
    const flow = facts.get('flow');
    const { port, source } = flow;
    if (port.protocol === 'icmp') throw new LookError('not-applicable', 'a ping has no port to look up');
    if (source.node === null) throw new LookError('not-applicable', 'no node of the cluster sends the flow');
    const isUdp = port.protocol === 'udp';
    const goal = goalOf(flow);
    const params = { source: source.address, destination: goal.address, port: String(goal.port) };
    const listOf = (node: Node, byPrograms: boolean) =>
      byPrograms ? dumpOnce(node, flow) : listOnce(node, isUdp ? conntrackListUdp : conntrackListTcp, params);
    const ends = async () => {
      const service = flow.service ? await facts.ask('service') : null;
      return service?.status === 'unavailable' ? null : new Set(rightEnds(flow, service?.value ?? null));
    };
    const planes = await facts.ask('dataplanes');
    const kernelTable = async (place: Place, node: string): Promise<Kept> => {
      const counters = await facts.ask(`kernel-counters@${place}`);
      if (counters.status === 'unavailable') throw new LookError(counters.code, counters.reason);
      refuseLarge(node, counters.value.conntrack, goal.address);
      return { establishedSeconds: counters.value.conntrack?.establishedSeconds };
    };
    const readAt = async (place: Place): Promise<Read> => {
      const node = look.on(place);
      const plane = planes.status === 'observed' ? planes.value.find((one) => one.node === node.node) : undefined;
      const byPrograms = plane?.dataplane === 'ebpf';
      const kept = byPrograms ? refuseUntranslated(flow) : await kernelTable(place, node.node);
      const list = () => listOf(node, byPrograms);
      // TCP says itself what becomes of a connection that the kernel tracks.
      const isWatched = isUdp || byPrograms;
      const before = isWatched ? [await list()] : [];
      if (isWatched) await facts.ask('reachability');
      const listed = [...before, await list()];
      const [first, last] = [listed[0], listed.at(-1)];
      const known = await ends();
      const read = (): Read => ({
        node: node.node,
        destination: goal.address,
        port: goal.port,
        readings: listed,
        ...kept,
      });
      const strays = last?.connections.filter(({ reply }) => known !== null && !known.has(reply.source)) ?? [];
      let elapsed = first && last ? Date.parse(last.at) - Date.parse(first.at) - first.tookMs : 0;
      for (const until of isWatched ? watchedMs : []) {
        if (elapsed >= until || strays.every((one) => isRenewed(one, read()))) continue;
        await look.clock.sleep(until - elapsed, look.signal);
        listed.push(await list());
        elapsed = until;
      }
      return read();
    };
    const read = await Promise.all(
      placesOf(flow).map((place) =>
        readAt(place).catch((error: unknown) => {
          if (error instanceof LookError) return { error, node: look.on(place).node };
          throw error;
        }),
      ),
    );
    const failed = read.filter((one) => 'error' in one);
    const found = read.filter((one) => 'readings' in one);
    const [first] = failed;
    if (found.length === 0 && first) throw first.error;
    return {
      'flow-connections': observed<readonly FlowConnections[]>(
        found,
        found.flatMap(({ readings }) => readings.map(({ evidence }) => evidence)),
        failed.map(({ error, node }): Gap => gapOf(error, node)),
      ),
    };
  },
});

interface Listed extends ConnectionReading {
  readonly evidence: Evidence;
}
interface Read extends FlowConnections {
  readonly readings: readonly Listed[];
}

/** The sender's node translates what goes to a Service: behind it, the packets have the address of a pod. */
function placesOf({ service, source, destination }: Flow): readonly Place[] {
  return service || destination.node === null || destination.node === source.node ? ['source'] : ['source', 'target'];
}

type Kept = Pick<FlowConnections, 'establishedSeconds' | 'byPrograms'>;

/**
 * Of Calico's programs.
 * @throws LookError where they translate nothing of the flow, or are read of IPv4 alone
 */
function refuseUntranslated(flow: Flow): Kept {
  if (!flow.service) throw new LookError('not-applicable', 'eBPF programs translate what goes to a Service alone');
  refuseIpv6(flow, {
    what: 'connections of eBPF programs',
    next: 'In calico-node, run calico-node -bpf conntrack dump -6',
  });
  return { byPrograms: true };
}

/** @throws LookError where nothing is tracked, or too much to be read */
function refuseLarge(node: string, table: { readonly count: number } | null, address: string): void {
  if (table === null) throw new LookError('not-applicable', `the kernel of ${node} tracks no connections`);
  if (table.count > mostListed)
    throw new LookError(
      'output-too-large',
      `${node} tracks ${table.count} connections, and a list of them takes seconds. At a quiet time, run ` +
        `conntrack -L -d ${address} there`,
    );
}

async function listOnce(
  node: Node,
  command: (typeof commands)[number],
  params: Readonly<Record<string, string>>,
): Promise<Listed> {
  const transcript = await node.run(command, params);
  const connections = parseConntrack(outputOf(transcript));
  return { at: transcript.at, tookMs: transcript.durationMs, connections, evidence: evidenceOf(transcript) };
}

/** The dump has all ports: those of the flow are kept. */
async function dumpOnce(node: Node, flow: Flow): Promise<Listed> {
  const { source, port } = flow;
  const goal = goalOf(flow);
  const params = { source: numberOf(source.address), destination: numberOf(goal.address) };
  const transcript = await node.run(bashEbpfConnections, params);
  const connections = parseEbpfConnections(dumpOf(printedDumps(transcript), 'connections')).filter(
    ({ protocol, original }) =>
      protocol === port.protocol &&
      original.source === source.address &&
      original.destination === goal.address &&
      original.destinationPort === goal.port,
  );
  return { at: transcript.at, tookMs: transcript.durationMs, connections, evidence: evidenceOf(transcript) };
}

/** An IPv4 address as a command of a script takes it. */
function numberOf(address: string): string {
  return address
    .split('.')
    .map((byte) => Number(byte).toString(16).padStart(2, '0'))
    .join('');
}
