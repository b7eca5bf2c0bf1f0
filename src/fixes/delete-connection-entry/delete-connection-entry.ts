import { z } from 'zod';
import {
  conntrackDeleteTcp,
  conntrackDeleteUdp,
  conntrackListTcp,
  conntrackListUdp,
} from '../../commands/conntrack.ts';
import { grepKernelCounters } from '../../commands/grep.ts';
import { mostListed, parseConntrack } from '../../model/conntrack-list.ts';
import {
  defineFix,
  type Condition,
  type FixContext,
  type FixDraft,
  type Readiness,
  type Written,
} from '../../model/fix.ts';
import type { StaleConnection } from '../../model/fix-inputs.ts';
import type { EndpointSlice } from '../../model/kubernetes.ts';
import { LookError } from '../../model/look-error.ts';
import { refuse } from '../kit/conditions.ts';
import { openWays, policyDeniedFlow } from '../kit/controls.ts';
import { nodeShape } from '../kit/input-shapes.ts';
import { lostOutcome, run, said } from '../kit/on-node.ts';

/** The client's next packet is translated anew. One that sends rarely is waited for by its rule, not by the fix. */
const withinSeconds = 30;
const mostSlices = 50;
const addresses = { source: z.ipv4(), destination: z.ipv4(), sentTo: z.ipv4() };
const ports = { sourcePort: z.int().min(1).max(65_535), port: z.int().min(1).max(65_535) };
const names = { ...nodeShape, namespace: z.string(), service: z.string() };

/** Makes a node forget one connection whose packets go to an address that no endpoint of their Service has. */
export const deleteConnectionEntry = defineFix({
  id: 'delete-connection-entry',
  description:
    'Deletes one entry of the connection table of a node, whose packets go to an address that is not an endpoint of ' +
    'their Service.',
  risk: 'low',
  during: { seconds: 5, traffic: 'this one connection begins anew, and no other flow stops' },
  input: z.strictObject({ ...names, ...addresses, ...ports, protocol: z.enum(['tcp', 'udp']) }),
  reads: [{ verb: 'list', apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', where: 'cluster' }],
  permissions: [],
  commands: [grepKernelCounters, conntrackListTcp, conntrackListUdp, conntrackDeleteTcp, conntrackDeleteUdp],
  controls: [openWays, policyDeniedFlow],
  look,
  draft,
  write,
  undo: async () => ({ ok: false, why: 'the kernel has made another entry, or will with the next packet' }),
});

async function look(context: FixContext, input: StaleConnection): Promise<Readiness<null>> {
  const { node, sentTo, namespace, service, protocol, source, destination, port } = input;
  const tracked = await trackedNow(context, input);
  if (tracked > mostListed)
    return refuse(
      `${node} tracks ${tracked} connections, and to delete one the kernel reads them all, which takes seconds`,
      `conntrack -D -p ${protocol} -s ${source} --sport ${input.sourcePort} -d ${destination} --dport ${port} ` +
        `-r ${sentTo}   # on ${node}, at a quiet time`,
    );
  const [listed, endpoints] = await Promise.all([
    run(context, input, protocol === 'tcp' ? conntrackListTcp : conntrackListUdp, {
      source,
      destination,
      port: String(port),
    }),
    endpointsOf(context, input),
  ]);
  if (listed.exit !== 0 || listed.truncated)
    throw new LookError('command-failed', `${listed.command}: exit ${listed.exit ?? 'unknown'}: ${said(listed)}`);
  const entry = parseConntrack(listed.stdout).find(
    ({ original, reply }) => original.sourcePort === input.sourcePort && reply.source === sentTo,
  );
  if (!entry) return { ready: 'done', why: `${node} does not hold the entry any more` };
  if (endpoints.includes(sentTo))
    return refuse(
      `${sentTo} is an endpoint of Service ${namespace}/${service} now`,
      `kubectl -n ${namespace} get endpointslices -l kubernetes.io/service-name=${service}`,
    );
  const conditions: readonly Condition[] = [
    { id: 'entry', description: `${node} holds the entry`, value: entryWords(input) },
    { id: 'endpoint', description: `${sentTo} as an endpoint of Service ${namespace}/${service}`, value: 'none' },
  ];
  return { ready: 'yes', conditions, found: null };
}

/** @throws LookError where the kernel does not say it */
async function trackedNow(context: FixContext, input: StaleConnection): Promise<number> {
  const counters = await run(context, input, grepKernelCounters);
  const [, count] = /^\/proc\/sys\/net\/netfilter\/nf_conntrack_count:(\d{1,10})$/m.exec(counters.stdout) ?? [];
  if (count === undefined)
    throw new LookError('not-parsed', `${input.node} does not say how many connections it tracks: ${said(counters)}`);
  return Number(count);
}

/** @throws LookError where they could not be read: an address that is not known to be gone is not gone */
async function endpointsOf({ cluster }: FixContext, { namespace, service }: StaleConnection) {
  const answer = await cluster.list<EndpointSlice>({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    namespace,
    labelSelector: `kubernetes.io/service-name=${service}`,
    limit: mostSlices,
  });
  if (!answer.ok) throw new LookError('api-unreachable', `${answer.request}: ${answer.reason}`);
  // A Service without endpoints has a slice without addresses.
  if (answer.value.length === 0 || answer.value.length === mostSlices)
    throw new LookError('not-parsed', `${answer.request}: ${answer.value.length} slices may not be all endpoints`);
  return answer.value.flatMap(({ endpoints }) => (endpoints ?? []).flatMap((one) => one.addresses));
}

function draft(input: StaleConnection): FixDraft {
  const { node, nodeAddress, source, sourcePort, destination, port, protocol, sentTo, namespace, service } = input;
  return {
    title: `Delete the entry of ${source}:${sourcePort} in the connection table of ${node}`,
    reason:
      `The kernel of ${node} sends this connection to ${sentTo}, which is not an endpoint of Service ` +
      `${namespace}/${service}. It keeps the entry while the client sends. Without it, the next packet is translated ` +
      'as kube-proxy says now. A server that kept state of the connection has lost it already.',
    steps: [
      {
        description: 'Delete one entry',
        command:
          `conntrack -D -p ${protocol} -s ${source} -d ${destination} --sport ${sourcePort} --dport ${port} ` +
          `-r ${sentTo}`,
        node,
      },
    ],
    diff: [
      `--- ${node} connection table`,
      `+++ ${node} connection table`,
      '@@ -1 +0,0 @@',
      `-${entryWords(input)}`,
    ].join('\n'),
    blastRadius: `one connection of ${source}; other connections, also of this client, stay as they are`,
    scope: { kind: 'one', of: `the client ${source}` },
    risk: 'low',
    rollback: { kind: 'none', description: 'An entry cannot be put back. No endpoint would answer it.' },
    withinSeconds,
    nodes: [{ name: node, address: nodeAddress }],
  };
}

async function write(context: FixContext, input: StaleConnection): Promise<Written> {
  const { source, destination, sourcePort, port, sentTo, protocol } = input;
  const params = { source, destination, sourcePort: String(sourcePort), port: String(port), sentTo };
  const done = await run(context, input, protocol === 'tcp' ? conntrackDeleteTcp : conntrackDeleteUdp, params).catch(
    lostOutcome,
  );
  if (done instanceof LookError || done.exit === null) {
    const how = done instanceof LookError ? done.message : 'conntrack did not end in time';
    return { outcome: 'failed', why: `the entry may be deleted or not: ${how}. Check it by hand` };
  }
  if (done.exit === 0) return { outcome: 'applied', applied: { entry: entryWords(input) } };
  return /\b0 flow entries have been deleted/.test(done.stderr)
    ? { outcome: 'superseded', why: 'the entry was gone already' }
    : { outcome: 'failed', why: `${done.command}: ${said(done)}` };
}

function entryWords({ protocol, source, sourcePort, destination, port, sentTo }: StaleConnection): string {
  return `${protocol} ${source}:${sourcePort} to ${destination}:${port}, sent to ${sentTo}`;
}
