import { conntrackListTcp, conntrackListUdp } from '../../commands/conntrack.ts';
import { goalOf, isRenewed, rightEnds, type ConnectionReading, type FlowConnections } from '../../model/connections.ts';
import { observed, type Evidence, type Gap } from '../../model/evidence.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import type { Place } from '../../model/facts.ts';
import type { Flow } from '../../model/flow.ts';
import { LookError } from '../../model/look-error.ts';
import { defineClusterProbe, type NodeLook } from '../../model/probe.ts';
import { gapOf, outputOf } from '../lib/evidence.ts';
import { mostListed, parseConntrack } from '../../model/conntrack-list.ts';

const commands = [conntrackListTcp, conntrackListUdp] as const;
type Node = NodeLook<(typeof commands)[number]['id']>;

/**
 * When an entry is looked at again, in milliseconds after the first look. Its age is printed in whole seconds: a packet
 * shows after one of them, and that none came only after two.
 */
const watchedMs = [1_100, 2_200] as const;

export const flowConnections = defineClusterProbe({
  id: 'flow-connections',
  description:
    "Entries of the asked flow in the connection tables of the flow's nodes, with their state and translation. UDP " +
    'has no state: its entries are read before the test packets and after them.',
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
    const list = (node: Node) => listOnce(node, isUdp ? conntrackListUdp : conntrackListTcp, params);
    const ends = async () => {
      const service = flow.service ? await facts.ask('service') : null;
      return service?.status === 'unavailable' ? null : new Set(rightEnds(flow, service?.value ?? null));
    };
    const planes = await facts.ask('dataplanes');
    const readAt = async (place: Place): Promise<Read> => {
      const node = look.on(place);
      const plane = planes.status === 'observed' ? planes.value.find((one) => one.node === node.node) : undefined;
      if (plane?.dataplane === 'ebpf') throw new LookError('not-supported', ebpfTable(node.node));
      const counters = await facts.ask(`kernel-counters@${place}`);
      if (counters.status === 'unavailable') throw new LookError(counters.code, counters.reason);
      refuseLarge(node.node, counters.value.conntrack, goal.address);
      const before = isUdp ? [await list(node)] : [];
      // TCP says itself what becomes of a connection.
      if (isUdp) await facts.ask('reachability');
      const listed = [...before, await list(node)];
      const [first, last] = [listed[0], listed.at(-1)];
      const known = await ends();
      const { establishedSeconds } = counters.value.conntrack ?? {};
      const read = (): Read => ({
        node: node.node,
        destination: goal.address,
        port: goal.port,
        readings: listed,
        establishedSeconds,
      });
      const strays = last?.connections.filter(({ reply }) => known !== null && !known.has(reply.source)) ?? [];
      let elapsed = first && last ? Date.parse(last.at) - Date.parse(first.at) - first.tookMs : 0;
      for (const until of isUdp ? watchedMs : []) {
        if (elapsed >= until || strays.every((one) => isRenewed(one, read()))) continue;
        await look.clock.sleep(until - elapsed, look.signal);
        listed.push(await list(node));
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

function ebpfTable(node: string): string {
  return (
    `${node} runs Calico's eBPF dataplane, whose own table of connections was not read. In calico-node, run ` +
    'calico-node -bpf conntrack dump'
  );
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
