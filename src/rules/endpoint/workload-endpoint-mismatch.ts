import type { WorkloadEndpoint } from '../../model/calico.ts';
import type { Fact } from '../../model/evidence.ts';
import type { Place } from '../../model/facts.ts';
import type { FlowEnd } from '../../model/flow.ts';
import type { Link } from '../../model/network.ts';
import { podLink } from '../../model/pod-link.ts';
import { endpointOf, nodeName } from '../../model/resource.ts';
import { defineRule, fail, notApplicable, pass, type RawFinding } from '../../model/rule.ts';
import { whyNotLive } from '../lib/felix-live.ts';

type Message = 'node' | 'address' | 'interface';

export const workloadEndpointMismatch = defineRule({
  id: 'workload-endpoint-mismatch',
  description: 'The endpoint of a pod has another node, address or interface than the pod, so Felix programs those.',
  step: 'endpoint',
  requires: ['flow', 'endpoint'],
  considers: ['source-endpoint', 'datastore-kind', 'links@target', 'links@source', 'felix@target', 'felix@source'],
  lacks: ['nodeName'],
  withholds: ['endpoint'],
  advice: {
    who: 'the Calico administrator',
    commands: [
      'calicoctl get workloadendpoint -n {namespace} -o wide   # compare with kubectl -n {namespace} get pod ' +
        '{pod} -o wide',
      'kubectl -n {namespace} delete pod {pod}   # the CNI plugin writes a right endpoint for the pod that replaces it',
    ],
  },
  messages: {
    node: {
      title: 'The endpoint of pod {namespace}/{pod} is on node {has}, and the pod is on {wanted}',
      detail:
        'Felix on {node} takes the pod for one of {has}. It programs neither its policies nor its route.{twinEndpoint}',
    },
    address: {
      title: 'The endpoint of pod {namespace}/{pod} has address {has}, and the pod has {wanted}',
      detail:
        'Felix on {node} programs routes and sets for {has}. Packets to {wanted} do not match them.{twinEndpoint}',
    },
    interface: {
      title: 'The endpoint of pod {namespace}/{pod} names interface {has}, and the pod has {wanted}',
      detail:
        '{node} has no interface {has}. Felix programs the policies of the pod for it, and drops what {wanted} ' +
        'brings.{twinEndpoint}',
    },
  },
  judge({ flow, endpoint }, considered, evidence) {
    const { 'source-endpoint': sourceEndpoint, 'datastore-kind': home } = considered;
    if (home.status === 'observed' && home.value.kind === 'kubernetes')
      return notApplicable('with the Kubernetes datastore the endpoint follows from the pod');
    const ends = [
      { end: flow.destination, has: endpoint, key: 'endpoint', place: 'target' },
      { end: flow.source, has: valueOf(sourceEndpoint), key: 'source-endpoint', place: 'source' },
    ] as const;
    const findings = ends.flatMap(({ end, has, key, place }): RawFinding<Message>[] => {
      const wrong = has && end.kind === 'pod' ? difference(has, end, considered[`links@${place}`]) : null;
      if (!wrong || end.node === null) return [];
      const felix = considered[`felix@${place}`];
      return [
        {
          message: wrong.message,
          data: {
            namespace: end.namespace ?? 'default',
            pod: end.name,
            node: end.node,
            has: wrong.has,
            wanted: wrong.wanted,
            twinEndpoint: twinWords(
              ends.find((one) => one.key !== key),
              considered,
            ),
          },
          subject: { kind: 'Pod', name: `${end.namespace}/${end.name}` },
          node: end.node,
          proof: 'read',
          evidence: evidence(key),
          // A Felix that is gone has left what it programmed before.
          stopsFlow: felix.status === 'observed' && whyNotLive(felix.value) === null,
          lacks: wrong.message === 'node' ? [nodeName(end.node)] : [],
          withholds: [endpointOf(`${end.namespace}/${end.name}`)],
        },
      ];
    });
    if (findings.length > 0) return fail(...findings);
    return endpoint === null
      ? notApplicable('the pod has no endpoint')
      : pass('the endpoints have the nodes, addresses and interfaces of their pods');
  },
});

function valueOf(fact: Fact<WorkloadEndpoint | null>): WorkloadEndpoint | null {
  return fact.status === 'observed' ? fact.value : null;
}

/** Says that the other end's endpoint agrees with its pod, after a space; empty where it does not, or is not known. */
function twinWords(
  other: { readonly end: FlowEnd; readonly has: WorkloadEndpoint | null; readonly place: Place } | undefined,
  links: Readonly<Record<`links@${Place}`, Fact<readonly Link[]>>>,
): string {
  if (!other?.has || other.end.kind !== 'pod' || other.end.node === null) return '';
  const { end, has, place } = other;
  if (difference(has, end, links[`links@${place}`]) !== null) return '';
  const { node, ipNetworks, interfaceName } = has.spec;
  const is = [`node ${node}`, ipNetworks.join(', '), interfaceName].join(', ');
  return ` The endpoint of pod ${end.namespace}/${end.name} agrees with its pod: ${is}.`;
}

/** The first thing in which an endpoint differs from its pod; null: in none that is known. */
function difference(
  { spec }: WorkloadEndpoint,
  end: FlowEnd,
  links: Fact<readonly Link[]>,
): { readonly message: Message; readonly has: string; readonly wanted: string } | null {
  const { node, ipNetworks, interfaceName } = spec;
  if (end.node !== null && node !== end.node) return { message: 'node', has: node, wanted: end.node };
  // calicoctl prints what is stored, whatever its shape.
  const stored: readonly string[] | undefined = ipNetworks;
  const addresses = stored?.map((network) => network.replace(/\/\d{1,3}$/, ''));
  if (addresses && !addresses.includes(end.address))
    return { message: 'address', has: addresses.join(', ') || 'none', wanted: end.address };
  // A client derives the usual name, whatever prefix Felix is told: it is nobody's own word.
  if (interfaceName === end.interface || links.status === 'unavailable') return null;
  if (links.value.some(({ name }) => name === interfaceName)) return null;
  const real = podLink(links.value, end);
  return real ? { message: 'interface', has: interfaceName, wanted: real.name } : null;
}
