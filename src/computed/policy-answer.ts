import type { IPPool, PolicyObjects } from '../model/calico.ts';
import { defineComputed } from '../model/computed.ts';
import { observed, type Fact } from '../model/evidence.ts';
import type { Expected } from '../model/expected-decision.ts';
import type { Flow } from '../model/flow.ts';
import { poolOf } from '../calico/pool-of.ts';
import { isOnNodeNetwork } from '../flow-walks/ends.ts';
import { askPacket } from '../flow-walks/packets.ts';
import { decisionAt } from './lib/decisions.ts';
import type { KnownEnd } from './lib/packet-ends.ts';

export const policyAnswer = defineComputed({
  id: 'policy-answer',
  description:
    "The answer of the datastore's policies to the question whether the asked source may reach the pod on the asked " +
    'port, at both ends. No node is asked.',
  essential: false,
  needs: ['flow', 'stored-policies'],
  considers: ['endpoint', 'profiles', 'source-endpoint', 'source-profiles', 'pools'],
  async compute(facts) {
    const [endpoint, profiles, sourceEndpoint, sourceProfiles, pools] = await Promise.all([
      facts.ask('endpoint'),
      facts.ask('profiles'),
      facts.ask('source-endpoint'),
      facts.ask('source-profiles'),
      facts.ask('pools'),
    ]);
    const flow = facts.get('flow');
    const stored = facts.get('stored-policies');
    const ends: Ends = {
      flow,
      source: { end: flow.source, endpoint: sourceEndpoint, profiles: sourceProfiles },
      destination: { end: flow.destination, endpoint, profiles },
    };
    const never = unpoliced(flow);
    const [egress, ingress] = never
      ? [never, never]
      : [atSource(ends, stored.source), atTarget(ends, stored.target, pools)];
    const both = [egress.decision, ingress.decision];
    const decision = both.includes('deny') ? 'deny' : both.includes('unknown') ? 'unknown' : 'allow';
    return observed({ decision, egress, ingress }, facts.evidence('stored-policies'));
  },
});

interface Ends {
  readonly flow: Flow;
  readonly source: KnownEnd;
  readonly destination: KnownEnd;
}

/** Returns the answer for packets that pass without any pod policy; null: policies judge them. */
function unpoliced({ source, destination }: Flow): Expected | null {
  if (isOnNodeNetwork(destination)) return null;
  if (source.address === destination.address) return allowed('packets of a pod to itself do not leave it');
  return isOnNodeNetwork(source) && source.node !== null && source.node === destination.node
    ? allowed('Calico always lets a node reach its own pods')
    : null;
}

function atSource({ flow, source, destination }: Ends, objects: PolicyObjects | null): Expected {
  if (flow.source.kind === 'outside') return allowed('Calico judges nothing at a source outside the cluster');
  if (isOnNodeNetwork(flow.source))
    return unknown('the source is on the network of its node, and host endpoints are not read');
  const packet = askPacket(flow.source, flow.destination, flow.port);
  return decisionAt(packet, 'egress', { judged: source, source, destination, objects });
}

function atTarget(
  { flow, source, destination }: Ends,
  objects: PolicyObjects,
  pools: Fact<readonly IPPool[]>,
): Expected {
  const packet = askPacket(flow.source, flow.destination, flow.port);
  const expected = decisionAt(packet, 'ingress', { judged: destination, source, destination, objects });
  if (expected.decision === 'unknown') return expected;
  const doubt = addressDoubt(flow, objects, pools);
  return doubt === null ? expected : unknown(doubt);
}

/** Returns why the packet may arrive with another source address than the asked one; null: it does not. */
function addressDoubt({ source, destination }: Flow, objects: PolicyObjects, pools: Fact<readonly IPPool[]>) {
  if (isOnNodeNetwork(source))
    return looksAtAddresses(objects)
      ? `${source.name} may use another address than ${source.address}, and policies name addresses`
      : null;
  if (source.kind !== 'pod') return null;
  if (pools.status === 'unavailable') return `whether the source is rewritten is not known: ${pools.reason}`;
  const isRewritten =
    poolOf(pools.value, source.address)?.spec.natOutgoing === true && poolOf(pools.value, destination.address) === null;
  return isRewritten ? `the node of ${source.name} rewrites its address, since no pool holds the target` : null;
}

function looksAtAddresses({ policies, networkSets, unreadNamespaces }: PolicyObjects): boolean {
  const nets = policies.flatMap(({ spec }) =>
    (spec.ingress ?? []).flatMap(({ source }) => [...(source?.nets ?? []), ...(source?.notNets ?? [])]),
  );
  return nets.length > 0 || networkSets.length > 0 || unreadNamespaces.length > 0;
}

function allowed(by: string): Expected {
  return { decision: 'allow', by, policies: [] };
}

function unknown(by: string): Expected {
  return { decision: 'unknown', by, policies: [] };
}
