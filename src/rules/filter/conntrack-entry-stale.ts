import { isRenewed, rightEnds, sentTo, type FlowConnections, type TrackedConnection } from '../../model/connections.ts';
import { picking, type Fact } from '../../model/evidence.ts';
import type { FactValue } from '../../model/facts.ts';
import { describeEnd } from '../../model/flow-end-words.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type RawFinding } from '../../model/rule.ts';

/** States in which a client waits for its first answer. */
const opening = new Set(['SYN_SENT', 'SYN_SENT2']);
/**
 * An open connection on which data is sent again and again without an answer is forgotten after this time, in seconds;
 * an idle one after days (nf_conntrack_tcp_timeout_max_retrans).
 */
const unacknowledged = 300;
/** Named in a text. */
const mostNamed = 3;

export const conntrackEntryStale = defineRule({
  id: 'conntrack-entry-stale',
  description:
    'A node still sends an old connection of the flow to an address that no endpoint has; new connections are sent ' +
    'elsewhere.',
  step: 'filter',
  requires: ['flow', 'flow-connections'],
  considers: ['service', 'service-translation', 'flow-outcome'],
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
        'Connections from other ports are not affected. {use}',
    },
    unused: {
      title: '{node} holds an old connection of {client} to {sentTo}, which is not an endpoint of {goal}',
      detail:
        '{entries} Endpoints now: {endpoints}. No packet of it passed during this check. A packet that the client ' +
        'sends from this port within {expiresIn} s is lost.',
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
      const entries = latest(read).filter((one) => !known.has(one.reply.source) && isAlive(one));
      return entries.length > 0 ? [{ read, entries }] : [];
    });
    if (stale.length === 0) return pass('no entry of the flow leads to an address that no endpoint has');
    if (outcome.status === 'observed' && outcome.value.flow === 'fails')
      return inconclusive('an entry leads to an address that no endpoint has, and new connections fail as well');
    return fail(
      ...stale.map(({ read, entries }): RawFinding<'used' | 'unused'> => {
        const used = entries.filter((one) => isUsed(one, read));
        const [shown, message] = used.length > 0 ? ([used, 'used'] as const) : ([entries, 'unused'] as const);
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
            use: useWords(used, read),
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
            (line) => shown.some(({ reply }) => line.includes(`src=${reply.source} `)),
          ),
          stopsFlow: message === 'used',
          ofOldConnection: true,
        };
      }),
    );
  },
});

/** Where kube-proxy sends new connections: what is there is behind, not stale. */
function translated(translation: Fact<FactValue<'service-translation'>>): readonly string[] {
  return translation.status === 'observed' && translation.value.kind === 'endpoints'
    ? translation.value.endpoints.map((one) => one.slice(0, one.lastIndexOf(':')))
    : [];
}

function latest({ readings }: FlowConnections): readonly TrackedConnection[] {
  return readings.at(-1)?.connections ?? [];
}

/** TCP says itself whether somebody still waits. Entries of connections that are over, or idle, harm nobody. */
function isAlive({ state, answered, expiresIn }: TrackedConnection): boolean {
  if (expiresIn === null) return false;
  if (state === null) return true;
  return (opening.has(state) && !answered) || (state === 'ESTABLISHED' && expiresIn <= unacknowledged);
}

function isUsed(connection: TrackedConnection, read: FlowConnections): boolean {
  return connection.state !== null || !connection.answered || isRenewed(connection, read);
}

function useWords(used: readonly TrackedConnection[], read: FlowConnections): string {
  if (used.some((one) => isRenewed(one, read)))
    return 'The client still sends: its packets renewed the entry during this check.';
  return used.some(({ answered }) => !answered)
    ? 'Nothing has answered it.'
    : 'The client sends data on it that nothing acknowledges.';
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
