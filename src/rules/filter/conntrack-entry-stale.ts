import { isRenewed, rightEnds, sentTo, type FlowConnections, type TrackedConnection } from '../../model/connections.ts';
import { picking, type Fact } from '../../model/evidence.ts';
import type { FactValue } from '../../model/facts.ts';
import type { StaleConnection } from '../../model/fix-inputs.ts';
import type { Flow } from '../../model/flow.ts';
import { describeEnd } from '../../model/flow-end-words.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type Advice, type RawFinding } from '../../model/rule.ts';

/**
 * An open connection on which data is sent again and again without an answer is forgotten after this time, in seconds;
 * an idle one after days (nf_conntrack_tcp_timeout_max_retrans), unless a node is set to less.
 */
const unacknowledged = 300;
/** Where idle ones are kept for less than a day, too many of them are as old as that. */
const tellingSeconds = 86_400;
/** Named in a text. */
const mostNamed = 3;

type Message = 'used' | 'unused' | 'open' | 'held';

export const conntrackEntryStale = defineRule({
  id: 'conntrack-entry-stale',
  description:
    'A node still sends an old connection of the flow to an address that no endpoint has; new connections are sent ' +
    'elsewhere.',
  step: 'filter',
  requires: ['flow', 'flow-connections'],
  considers: ['service', 'service-translation', 'flow-outcome'],
  fix: 'delete-connection-entry',
  advice: {
    who: 'the owner of node {node}',
    commands: [
      'conntrack -L -p {protocol} -s {source} -d {destination} --dport {port}   # on {node}: is it still there?',
      'conntrack -D -p {protocol} -s {source} --sport {sourcePort} -d {destination} --dport {port} -r {address}   ' +
        '# on {node}: removes this entry alone; the next packet is translated anew',
    ],
  },
  messages: {
    used: {
      title: '{node} still sends an old connection of {client} to {sentTo}, which is not an endpoint of {goal}',
      detail:
        '{entries} Endpoints now: {endpoints}. The kernel translates a connection as its first packet was. ' +
        'Connections from other ports are not affected. The client still sends: its packets renewed the entry ' +
        'during this check.',
    },
    unused: {
      title: '{node} holds an old connection of {client} to {sentTo}, which is not an endpoint of {goal}',
      detail:
        '{entries} Endpoints now: {endpoints}. No packet of it passed during this check. A packet that the client ' +
        'sends from this port within {expiresIn} s is lost.',
    },
    open: {
      title: '{node} holds an open TCP connection of {client} to {sentTo}, which is not an endpoint of {goal}',
      detail:
        '{entries} Endpoints now: {endpoints}. The kernel forgets it in {expiresIn} s. An idle connection is kept ' +
        'for days by default, so data may have been sent on this one that nothing acknowledged.',
    },
    held: {
      title:
        'The eBPF programs of {node} still send an old connection of {client} to {sentTo}, which is not an endpoint ' +
        'of {goal}',
      detail:
        '{entries} Endpoints now: {endpoints}. The client still sends: a packet of it passed during this check. ' +
        'Felix looks for such entries every 10 s: it did not find this one, or the endpoint went just now. ' +
        'Connections from other ports are not affected.',
    },
  },
  judge(
    { flow, 'flow-connections': nodes },
    { service, 'service-translation': translation, 'flow-outcome': outcome },
    evidence,
  ) {
    if (!flow.service && flow.destination.kind !== 'pod') return notApplicable('the flow does not end at a pod');
    if (flow.service && service.status === 'unavailable') return inconclusive(service.reason);
    const ends = rightEnds(flow, service.status === 'observed' && flow.service ? service.value : null);
    const known = new Set([...ends, ...translated(translation)]);
    const stale = nodes.flatMap((read) => {
      const entries = latest(read).filter((one) => !known.has(one.reply.source) && isAlive(one, read));
      return entries.length > 0 ? [{ read, entries }] : [];
    });
    const untold = nodes.flatMap((read) =>
      latest(read).filter((one) => !known.has(one.reply.source) && isUntold(one, read)),
    );
    if (stale.length === 0 && untold.length > 0)
      return inconclusive(
        `${entriesWords(untold)} No endpoint has this address. The node forgets idle connections so soon that their ` +
          'age does not tell whether the client waits for an answer',
      );
    if (stale.length === 0) return pass('no entry of the flow leads to an address that no endpoint has');
    if (outcome.status !== 'observed' || outcome.value.flow !== 'works')
      return inconclusive(
        outcome.status === 'observed' && outcome.value.flow === 'fails'
          ? 'an entry leads to an address that no endpoint has, and new connections fail as well'
          : 'an entry leads to an address that no endpoint has, and whether new connections work is not known',
      );
    return fail(
      ...stale.map(({ read, entries }): RawFinding<Message, StaleConnection> => {
        const used = entries.filter((one) => isRenewed(one, read));
        const [shown, message] = used.length > 0 ? ([used, read.byPrograms ? 'held' : 'used'] as const) : kept(entries);
        const one = shown[0];
        return {
          message,
          data: {
            node: read.node,
            client: describeEnd(flow.source),
            goal: flow.service ? `Service ${flow.service.name}` : describeEnd(flow.destination),
            sentTo: [...new Set(shown.map(sentTo))].slice(0, mostNamed).join(', '),
            entries: entriesWords(shown),
            endpoints: [...new Set(ends)].join(', '),
            expiresIn: String(Math.max(...shown.map(({ expiresIn }) => expiresIn ?? 0))),
            protocol: flow.port.protocol,
            source: flow.source.address,
            sourcePort: String(one?.original.sourcePort ?? ''),
            destination: read.destination,
            port: String(read.port),
            address: one?.reply.source ?? '',
          },
          subject: flow.service
            ? { kind: 'Service', name: flow.service.name }
            : { kind: 'Pod', name: `${flow.destination.namespace ?? ''}/${flow.destination.name}` },
          node: read.node,
          proof: 'read',
          evidence: picking(
            evidence('flow-connections').filter((one) => one.node === read.node),
            (line) =>
              shown.some((one) => line.includes(`src=${one.reply.source} `) || line.includes(`-> ${sentTo(one)} `)),
          ),
          stopsFlow: message === 'used' || message === 'held',
          ofOldConnection: true,
          ...offerOf(flow, read, shown),
          ...(read.byPrograms ? { advice: ofPrograms } : {}),
        };
      }),
    );
  },
});

const ofPrograms: Advice = {
  who: 'the owner of node {node}',
  commands: [
    'calico-node -bpf conntrack dump | grep {source}:{sourcePort}   ' +
      '# in the container calico-node on {node}: is it still there, with a packet some seconds ago?',
    'curl -s http://localhost:9099/liveness   # on {node}, if it is: does Felix live?',
  ],
};

/** A button deletes one entry, of a Service alone: its endpoints are read again before. */
function offerOf(
  { service, source, port: { protocol } }: Flow,
  { node, destination, port, byPrograms }: FlowConnections,
  [one, ...others]: readonly TrackedConnection[],
): Pick<RawFinding<never, StaleConnection>, 'fixInput' | 'noFix'> {
  if (byPrograms) return { noFix: "the table is that of Calico's eBPF programs, which Felix alone changes" };
  if (!service) return { noFix: 'the entry is not of a Service' };
  if (!one || others.length > 0) return { noFix: `${others.length + 1} entries are stale, and a fix deletes one` };
  const { sourcePort } = one.original;
  if (source.node !== node || source.nodeAddress === null || sourcePort === null || protocol === 'icmp')
    return { noFix: 'the address of the node is not known' };
  const [namespace = '', name = ''] = service.name.split('/');
  return {
    fixInput: {
      node,
      nodeAddress: source.nodeAddress,
      protocol,
      source: source.address,
      sourcePort,
      destination,
      port,
      sentTo: one.reply.source,
      namespace,
      service: name,
    },
  };
}

/** Where kube-proxy sends new connections: what is there is behind, not stale. */
function translated(translation: Fact<FactValue<'service-translation'>>): readonly string[] {
  return translation.status === 'observed' && translation.value.kind === 'endpoints'
    ? translation.value.endpoints.map((one) => one.slice(0, one.lastIndexOf(':')).replace(/^\[(.*)\]$/, '$1'))
    : [];
}

function latest({ readings }: FlowConnections): readonly TrackedConnection[] {
  return readings.at(-1)?.connections ?? [];
}

/**
 * Whether somebody may still send on it. A try that nothing answered is given up, and the next one takes another port:
 * what an earlier diagnosis sent is among them. Connections that are over, or idle, harm nobody.
 */
function isAlive(connection: TrackedConnection, read: FlowConnections): boolean {
  const { state, answered, expiresIn, idleSeconds } = connection;
  // Nothing but a packet shows that somebody uses what programs track.
  if (idleSeconds !== undefined) return (state === null || state === 'ESTABLISHED') && isRenewed(connection, read);
  if (expiresIn === null) return false;
  if (state === null) return answered || isRenewed(connection, read);
  return isOpenAndAged(connection) && !isUntold(connection, read);
}

function isOpenAndAged({ state, answered, expiresIn }: TrackedConnection): boolean {
  return state === 'ESTABLISHED' && answered && expiresIn !== null && expiresIn <= unacknowledged;
}

/** Where a node is set to forget idle connections soon, their age tells nothing. */
function isUntold(connection: TrackedConnection, { establishedSeconds }: FlowConnections): boolean {
  return isOpenAndAged(connection) && establishedSeconds !== undefined && establishedSeconds < tellingSeconds;
}

/** Entries that no packet is known to have renewed, of one kind. */
function kept(entries: readonly TrackedConnection[]): readonly [readonly TrackedConnection[], 'unused' | 'open'] {
  const datagrams = entries.filter(({ state }) => state === null);
  return datagrams.length > 0 ? [datagrams, 'unused'] : [entries, 'open'];
}

function entriesWords(entries: readonly TrackedConnection[]): string {
  const words = entries.slice(0, mostNamed).map((one) => {
    const { source, sourcePort, destination, destinationPort } = one.original;
    const to = `${destination}:${destinationPort ?? '?'}/${one.protocol}`;
    return `${source}:${sourcePort ?? '?'} to ${to} is sent to ${sentTo(one)}`;
  });
  const more = entries.length - words.length;
  return `${words.join('; ')}${more > 0 ? `; and ${more} more` : ''}.`;
}
