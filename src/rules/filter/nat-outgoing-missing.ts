import type { Fact } from '../../model/evidence.ts';
import type { FactValue } from '../../model/facts.ts';
import type { Flow } from '../../model/flow.ts';
import { describeEnd } from '../../model/flow-end-words.ts';
import { programming } from '../../model/resource.ts';
import { defineRule, fail, inconclusive, notApplicable, pass } from '../../model/rule.ts';
import type { Sighting } from '../../model/sightings.ts';
import { describePort } from '../../model/target-grammar.ts';
import { poolOf } from '../../calico/pool-of.ts';

export const natOutgoingMissing = defineRule({
  id: 'nat-outgoing-missing',
  description:
    "Packets of a pod leave its node with the pod's own address, and hosts outside all pools do not answer them.",
  step: 'filter',
  requires: ['flow', 'pools'],
  considers: ['reachability', 'sightings'],
  lacks: ['programming'],
  advice: {
    who: 'the Calico administrator',
    commands: [
      'calicoctl get ippool -o wide   # NAT of {pool}',
      `calicoctl patch ippool {pool} -p '{"spec":{"natOutgoing":true}}'`,
      'iptables-save -t nat | grep cali-nat-outgoing; ipset test cali40masq-ipam-pools {address}   # on {node}',
    ],
  },
  messages: {
    off: {
      title: 'Packets from {source} leave {node} with the address of the pod: pool {pool} has no natOutgoing',
      detail: '{seen} {answers} Hosts outside the cluster have no route to {cidr}, unless somebody gave them one.',
    },
    missing: {
      title: 'Node {node} does not translate the address of {source}, although pool {pool} has natOutgoing',
      detail: "{seen} {answers} Calico's rule or set for outgoing packets lacks the pool on the node.",
    },
  },
  judge({ flow, pools }, { reachability, sightings }, evidence) {
    const { source, destination } = flow;
    if (source.kind !== 'pod' || source.interface === null || source.node === null)
      return notApplicable('the source is on the network of its node');
    if (destination.kind === 'pod' || poolOf(pools, destination.address))
      return notApplicable('a pool holds the destination');
    const pool = poolOf(pools, source.address);
    if (!pool) return notApplicable('no pool holds the address of the source');
    if (source.node === destination.node) return notApplicable('the packet does not leave the node');
    const tried = attemptsOf(reachability, 'flow');
    if (tried.length > 0 && tried.every(({ answer }) => answer === 'reply' || answer === 'refused'))
      return pass('answers come back to the pod');
    const card = sightings.status === 'observed' ? cardOf(sightings.value.points) : null;
    if (card === null || card.requests.length === 0)
      return inconclusive('no capture shows with which address the packet leaves the node');
    if (!card.sources?.includes(source.address))
      return pass(`the packet leaves ${source.node} as ${card.sources?.join(', ') ?? 'another address'}`);
    if (card.replies.length > 0) return pass('answers to the address of the pod come back to its node');
    if (flow.port.protocol === 'udp' && flow.port.number !== 53)
      return inconclusive('a UDP service may leave a datagram without an answer');
    const own = attemptsOf(reachability, 'own-node').filter(({ from }) => from === `node ${source.node}`);
    const same = own.filter(({ port }) => describePort(port) === describePort(flow.port));
    const answered = (same.length > 0 ? same : own).find(({ answer }) => answer === 'reply' || answer === 'refused');
    if (!answered)
      return inconclusive(`the node itself gets no answer from ${destination.address} either, whatever its address is`);
    const { name } = pool.metadata;
    return fail({
      message: pool.spec.natOutgoing === true ? 'missing' : 'off',
      data: {
        source: describeEnd(source),
        address: source.address,
        node: source.node,
        pool: name,
        cidr: pool.spec.cidr,
        seen: seenWords(flow, card),
        answers: `${answered.to} answers the node itself (${answered.detail}).`,
      },
      subject: { kind: 'Pool', name },
      node: source.node,
      proof: 'capture',
      evidence: [...evidence('pools'), ...evidence('sightings')],
      stopsFlow: true,
      ...(pool.spec.natOutgoing === true ? { lacks: [programming(source.node)] } : {}),
    });
  },
});

function attemptsOf(reachability: Fact<FactValue<'reachability'>>, what: 'flow' | 'own-node') {
  return reachability.status === 'unavailable'
    ? []
    : reachability.value.attempts.filter((attempt) => attempt.what === what && attempt.answer !== 'error');
}

function cardOf(points: readonly Sighting[]): Sighting | null {
  return points.find(({ point, trouble }) => point === 'source-card' && trouble === null) ?? null;
}

function seenWords({ source, destination }: Flow, { interface: device, requests }: Sighting): string {
  const packets = requests.length === 1 ? '1 packet' : `${requests.length} packets`;
  return `${packets} left by ${device} as ${source.address} > ${destination.address}, and no answer came back.`;
}
