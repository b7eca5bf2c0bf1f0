import { describeEnd } from '../../model/flow-end-words.ts';
import { programming } from '../../model/resource.ts';
import { defineRule, fail, notApplicable } from '../../model/rule.ts';
import { poolOf } from '../../calico/pool-of.ts';
import { untranslated } from '../lib/untranslated.ts';

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
    if (source.kind !== 'pod' || source.interface === null)
      return notApplicable('the source is on the network of its node');
    if (destination.kind === 'pod' || poolOf(pools, destination.address))
      return notApplicable('a pool holds the destination');
    const pool = poolOf(pools, source.address);
    if (!pool) return notApplicable('no pool holds the address of the source');
    const shown = untranslated(flow, reachability, sightings);
    if ('not' in shown) return shown.not;
    const { node, seen, answers } = shown;
    const { name } = pool.metadata;
    return fail({
      message: pool.spec.natOutgoing === true ? 'missing' : 'off',
      data: {
        source: describeEnd(source),
        address: source.address,
        node,
        pool: name,
        cidr: pool.spec.cidr,
        seen,
        answers,
      },
      subject: { kind: 'Pool', name },
      node,
      proof: 'capture',
      evidence: [...evidence('pools'), ...evidence('sightings')],
      stopsFlow: true,
      ...(pool.spec.natOutgoing === true ? { lacks: [programming(node)] } : {}),
    });
  },
});
