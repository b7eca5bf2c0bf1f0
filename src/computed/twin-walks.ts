import { twinsOf, type TwinEnd } from '../calico/twins.ts';
import { defineComputed } from '../model/computed.ts';
import type { Denial, DenialClass } from '../model/denial.ts';
import { sameRule } from '../model/denied-walk.ts';
import { observed } from '../model/evidence.ts';
import type { FlowEnd } from '../model/flow.ts';
import type { PacketWalk } from '../model/flow-walk.ts';
import type { Pod } from '../model/kubernetes.ts';
import { podLink } from '../model/pod-link.ts';
import { deviceTo, hasDirectRoute } from '../model/routes.ts';
import type { TwinWalk } from '../model/twin-walk.ts';
import type { WalkedNode } from '../flow-walks/walked-node.ts';
import { policyChainsOf } from '../ruleset/felix/policy-chains.ts';
import { likelyProfiles } from './lib/likely-profiles.ts';
import { legsOf, onNodes, readWalk, walkFacts, type ReadWalk } from './lib/read-walk.ts';

/** What ends packets of one pod and may let those of the next one pass. */
const ofOnePod: ReadonlySet<DenialClass> = new Set<DenialClass>([
  'policy-rule',
  'tier-end',
  'profile-stand-in',
  'profile',
  'no-profile-matched',
  'unknown-interface',
]);

type Walks = readonly PacketWalk[];

/** How many pods of the end's own namespace are tried, and how many others: the walk of each takes time. */
const tried = { same: 3, other: 2 };

export const twinWalks = defineComputed({
  id: 'twin-walks',
  description:
    'The same packet to another pod of the node that gets it, if a policy, a profile or a missing endpoint ends the ' +
    'asked one.',
  essential: false,
  needs: ['flow', 'pod', 'pods', 'denials'],
  considers: [...walkFacts, 'dataplanes'],
  async compute(facts) {
    const denied = facts.get('denials').denied.filter(({ class: kind }) => ofOnePod.has(kind));
    if (denied.length === 0) return observed([]);
    const [read, planes] = await Promise.all([readWalk(facts), facts.ask('dataplanes')]);
    if (read.status === 'unavailable') return observed([]);
    // There the programs of the interface decide, not the rules.
    const onEbpf = (planes.status === 'observed' ? planes.value : []).filter(({ dataplane }) => dataplane === 'ebpf');
    // The kernels were asked about the pods of the flow alone: the main table leads to the others.
    const way = onNodes(read.value, ({ ways: _ways, ...node }) => node);
    const own = legsOf(way);
    const walked = denied
      .filter(({ node }) => !onEbpf.some((plane) => plane.node === node))
      .flatMap((denial) => twinOf(denial, own, way, facts.get('pods')) ?? []);
    return observed(walked, read.evidence);
  },
});

/** Returns the first twin to which the node lets the packet through; null: none is known. */
function twinOf(denial: Denial, legs: Walks, way: ReadWalk, pods: readonly Pod[]): TwinWalk | null {
  const { leg, node, rule: ending, end } = denial;
  const read = [way.target, way.source].find((one) => one?.rulesets.node === node);
  const own = walkOn(denial, legs);
  // By the main table alone the packet itself must end there, too: else the two walks cannot be compared.
  if (!read || !own || !sameRule(own.result.rule, ending)) return null;
  const others = twinsOf(way.flow[end], way.flow, pods, read.rulesets.family).filter((one) => isWired(one, read));
  const isOfNamespace = ({ namespace }: FlowEnd) => namespace === way.flow[end].namespace;
  const candidates = [
    ...others.filter(isOfNamespace).slice(0, tried.same),
    ...others.filter((one) => !isOfNamespace(one)).slice(0, tried.other),
  ];
  for (const twin of candidates) {
    const flow = { ...way.flow, [end]: twin };
    const names = { ...way.names, profiles: [...way.names.profiles, ...likelyProfiles(flow, pods)] };
    const walk = walkOn(denial, legsOf({ ...way, flow, names }));
    if (walk?.result.ends.every(({ decision }) => decision === 'accept'))
      return {
        pod: `${twin.namespace}/${twin.name}`,
        interface: podLink(read.links, twin)?.name ?? twin.interface,
        leg,
        node,
        ending,
        isUnselected: isUnselected(denial, own, walk, read),
        walk,
      };
  }
  return null;
}

function walkOn({ leg, node }: Denial, legs: Walks): PacketWalk | undefined {
  return legs.find((walk) => walk.leg === leg && walk.node === node);
}

/** Its interface is up, and its own route leads there. */
function isWired(twin: TwinEnd, { links, routes }: WalkedNode): boolean {
  const link = podLink(links, twin);
  const isUp = link?.flags.includes('UP') === true && link.flags.includes('LOWER_UP');
  return isUp && hasDirectRoute(routes, twin.address) && deviceTo(routes, twin.address) === link.name;
}

/** Do the chains of the twin lead to no policy that ends the pod's packet? */
function isUnselected(
  { class: kind, owner, rule }: Denial,
  own: PacketWalk,
  twin: PacketWalk,
  on: WalkedNode,
): boolean {
  const { direction } = owner;
  if (direction === null || (kind !== 'policy-rule' && kind !== 'tier-end')) return false;
  const [ofPod, ofTwin] = [own, twin].map(({ result }) =>
    policyChainsOf(on.rulesets.ruleSets, result.trail, direction),
  );
  if (!ofPod || !ofTwin) return false;
  return kind === 'policy-rule'
    ? !ofTwin.has(rule.chain)
    : ofPod.size > 0 && [...ofPod].every((chain) => !ofTwin.has(chain));
}
