import { familyOf, type AddressFamily } from '../../model/addresses.ts';
import type { BgpState } from '../../model/bgp.ts';
import type { Transcript } from '../../model/command.ts';
import { observed, unavailable, type Evidence } from '../../model/evidence.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import { isCrossNode } from '../../model/flow-place.ts';
import { defineClusterProbe, type NodeLook } from '../../model/probe.ts';
import { calicoctlNodeStatus } from '../../commands/calicoctl.ts';
import { ssBgp } from '../../commands/ss.ts';
import { outputOf } from '../lib/evidence.ts';
import { lacksUsualRoute } from '../lib/node-addresses.ts';
import { parseBgpSockets, parseNodeStatus } from '../parse/bgp.ts';

export const bgpSessions = defineClusterProbe({
  id: 'bgp-sessions',
  description:
    "BGP sessions of the flow's two nodes: BIRD's own list where calicoctl can ask for it, and its connections. Read " +
    'only where a node has no usual route to the pods of the other.',
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: [calicoctlNodeStatus, ssBgp],
  needs: ['flow'],
  uses: ['routes@target', 'routes@source', 'install'],
  runsOn: ['target', 'source'],
  provides: ['bgp-sessions'],
  async read(look, facts) {
    const flow = facts.get('flow');
    const [target, source] = await Promise.all([facts.ask('routes@target'), facts.ask('routes@source')]);
    const lacks =
      isCrossNode(flow) &&
      ((source.status === 'observed' && lacksUsualRoute(source.value, flow.destination)) ||
        (target.status === 'observed' && lacksUsualRoute(target.value, flow.source)));
    if (!lacks)
      return {
        'bgp-sessions': unavailable('not-applicable', 'no node lacks the route to the pods of the other'),
      };
    const install = await facts.ask('install');
    const backend = install.status === 'observed' ? install.value.backend : null;
    if (backend !== null && backend !== 'bird')
      return {
        'bgp-sessions': unavailable('not-applicable', `calico-node runs without BIRD: its backend is ${backend}`),
      };
    const places = (['source', 'target'] as const).filter(
      (place) => (place === 'source' ? source : target).status === 'observed',
    );
    const read = await Promise.all(places.map((place) => readNode(look.on(place), familyOf(flow.destination.address))));
    return {
      'bgp-sessions': observed(
        read.map(({ state }) => state),
        read.flatMap(({ evidence }) => evidence),
      ),
    };
  },
});

async function readNode(
  node: NodeLook<'calicoctl-node-status' | 'ss-bgp'>,
  family: AddressFamily,
): Promise<{ readonly state: BgpState; readonly evidence: readonly Evidence[] }> {
  const [status, sockets] = await Promise.all([node.run(calicoctlNodeStatus), node.run(ssBgp)]);
  const connections = parseBgpSockets(outputOf(sockets), family);
  const told = statusOf(status, family);
  // Who listens, or talks to a peer, runs: of newer installs calicoctl may not find the process.
  if (!told || (!told.running && connections.running))
    return { state: { node: node.node, known: 'sockets', ...connections }, evidence: [evidenceOf(sockets)] };
  return { state: { node: node.node, known: 'status', ...told }, evidence: [evidenceOf(status), evidenceOf(sockets)] };
}

/** What calicoctl could not say, or is not there to say, the connections must. */
function statusOf(status: Transcript, family: AddressFamily): ReturnType<typeof parseNodeStatus> {
  return status.exit === 0 && !status.truncated ? parseNodeStatus(status.stdout, family) : null;
}
