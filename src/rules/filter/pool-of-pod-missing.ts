import { poolOf } from '../../calico/pool-of.ts';
import { describeEnd } from '../../model/flow-end-words.ts';
import type { Route } from '../../model/network.ts';
import { routesTo } from '../../model/routes.ts';
import { defineRule, fail, notApplicable, pass } from '../../model/rule.ts';
import { untranslated } from '../lib/untranslated.ts';

export const poolOfPodMissing = defineRule({
  id: 'pool-of-pod-missing',
  description:
    'The IP pool of a pod was deleted or changed while the pod runs, so its node no longer translates its address.',
  step: 'filter',
  requires: ['flow', 'pools', 'routes@source'],
  considers: ['reachability', 'sightings'],
  advice: {
    who: 'the Calico administrator',
    commands: [
      'calicoctl get ippool -o wide   # no pool holds {address}',
      'calicoctl ipam show --show-blocks   # {block}: which pool was it of?',
      'calicoctl apply -f POOL   # POOL: a file with the pool as it was, over {block}; "disabled: true" in it keeps ' +
        'new pods out',
    ],
  },
  messages: {
    missing: {
      title: 'No IP pool holds the address {address} of {source}, so {node} does not translate it',
      detail:
        '{seen} {answers} Calico gave the pod its address: {node} has the block {block}. Its pool was deleted or ' +
        'changed since: {pools}.',
    },
  },
  judge({ flow, pools, 'routes@source': routes }, { reachability, sightings }, evidence) {
    const { source, destination } = flow;
    if (source.kind !== 'pod' || source.interface === null)
      return notApplicable('the source is on the network of its node');
    if (poolOf(pools, source.address)) return pass(`an IP pool holds ${source.address}`);
    if (destination.kind === 'pod' || poolOf(pools, destination.address))
      return notApplicable('the flow does not leave the cluster');
    const block = ownBlock(routes, source.address);
    // Where Calico carries out policies alone, no pool holds an address, and another plugin translates.
    if (block === null) return notApplicable(`no block of Calico holds ${source.address} on the node`);
    const shown = untranslated(flow, reachability, sightings);
    if ('not' in shown) return shown.not;
    const { node, seen, answers } = shown;
    return fail({
      message: 'missing',
      data: {
        source: describeEnd(source),
        address: source.address,
        node,
        block,
        pools: pools.length === 0 ? 'there is no IP pool' : `the pools are ${pools.map(cidrOf).join(', ')}`,
        seen,
        answers,
      },
      subject: { kind: 'Pod', name: `${source.namespace}/${source.name}` },
      node,
      proof: 'capture',
      evidence: [...evidence('pools'), ...evidence('routes@source'), ...evidence('sightings')],
      stopsFlow: true,
    });
  },
});

const cidrOf = ({ spec }: { readonly spec: { readonly cidr: string } }) => spec.cidr;

/** BIRD, by name or by number, and Felix. */
const writers: readonly string[] = ['bird', '12', '80'];

/** A block of Calico's IPAM is a blackhole on its own node: addresses of it that no pod has lead nowhere. */
function ownBlock(routes: readonly Route[], address: string): string | null {
  const block = routesTo(routes, address).find(
    (route) => route.type === 'blackhole' && writers.includes(route.protocol ?? ''),
  );
  return block?.destination ?? null;
}
