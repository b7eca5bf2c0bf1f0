import { familyOf } from '../../model/addresses.ts';
import { observed, unavailable, type Evidence } from '../../model/evidence.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import type { FactKey, Place } from '../../model/facts.ts';
import type { FlowEnd } from '../../model/flow.ts';
import { isCrossNode } from '../../model/flow-place.ts';
import { defineClusterProbe, type NodeLook, type ObservedFacts } from '../../model/probe.ts';
import { routesTo } from '../../model/routes.ts';
import type { TunnelNeighbour } from '../../model/tunnel-neighbour.ts';
import { bridgeFdb } from '../../commands/bridge.ts';
import { ip6Neighbour, ipNeighbour } from '../../commands/ip.ts';
import { tunnelOfDevice } from '../../tunnels/registry.ts';
import { outputOf } from '../lib/evidence.ts';
import { forwardedTo } from '../parse/bridge-fdb.ts';
import { parseNeighbours } from '../parse/ip-neighbours.ts';

/** What is asked of one node: how it finds `to`'s node behind the gateway. */
interface Question {
  readonly place: Place;
  readonly to: FlowEnd;
  readonly device: string;
  readonly gateway: string;
}

const commands = [ipNeighbour, ip6Neighbour, bridgeFdb] as const;

export const tunnelNeighbours = defineClusterProbe({
  id: 'tunnel-neighbours',
  description:
    'Entries by which the nodes find each other in a tunnel that carries whole frames, as VXLAN does: the neighbour ' +
    'entry of the next hop, and where the device sends frames for it.',
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands,
  needs: ['flow'],
  uses: ['links@target', 'routes@target', 'links@source', 'routes@source'],
  runsOn: ['target', 'source'],
  provides: ['tunnel-neighbours'],
  async read(look, facts) {
    const flow = facts.get('flow');
    const ends = [
      { place: 'source', from: flow.source, to: flow.destination },
      { place: 'target', from: flow.destination, to: flow.source },
    ] as const;
    const questions = isCrossNode(flow)
      ? (await Promise.all(ends.map(({ place, to }) => questionAt(facts, place, to)))).flat()
      : [];
    if (questions.length === 0) {
      return {
        'tunnel-neighbours': unavailable(
          'not-applicable',
          'no packet between two nodes goes into a tunnel that carries frames',
        ),
      };
    }
    const read = await Promise.all(questions.map((question) => readNeighbour(look.on(question.place), question)));
    return {
      'tunnel-neighbours': observed(
        read.map(({ neighbour }) => neighbour),
        read.flatMap(({ evidence }) => evidence),
      ),
    };
  },
});

async function questionAt(facts: ObservedFacts<FactKey>, place: Place, to: FlowEnd): Promise<readonly Question[]> {
  const [links, routes] = await Promise.all([facts.ask(`links@${place}`), facts.ask(`routes@${place}`)]);
  if (links.status === 'unavailable' || routes.status === 'unavailable') return [];
  const [taken] = routesTo(routes.value, to.address);
  const { device } = tunnelOfDevice(taken?.device ?? null);
  // A device that is gone has a rule of its own.
  if (!device?.carriesFrames || !taken?.gateway || !links.value.some(({ name }) => name === device.name)) return [];
  return [{ place, to, device: device.name, gateway: taken.gateway }];
}

async function readNeighbour(
  node: NodeLook<(typeof commands)[number]['id']>,
  { to, device, gateway }: Question,
): Promise<{ readonly neighbour: TunnelNeighbour; readonly evidence: readonly Evidence[] }> {
  const [neighbours, forwarding] = await Promise.all([
    node.run(familyOf(gateway) === 6 ? ip6Neighbour : ipNeighbour, { address: gateway }),
    node.run(bridgeFdb, { interface: device }),
  ]);
  const found = parseNeighbours(outputOf(neighbours), node.node).find((one) => one.device === device);
  const entry = found ? { linkAddress: found.linkAddress, state: found.state } : null;
  const linkAddress = entry?.linkAddress ?? null;
  const stdout = outputOf(forwarding);
  const lines = stdout.split('\n').filter((line) => linkAddress === null || line.includes(linkAddress));
  return {
    neighbour: {
      node: node.node,
      peer: to.node,
      device,
      gateway,
      entry,
      destinations: linkAddress === null ? [] : forwardedTo(stdout, linkAddress),
    },
    evidence: [evidenceOf(neighbours), evidenceOf({ ...forwarding, stdout: lines.join('\n') })],
  };
}
