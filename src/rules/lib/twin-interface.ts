import { twinsOf } from '../../calico/twins.ts';
import { familyOf } from '../../model/addresses.ts';
import type { Fact } from '../../model/evidence.ts';
import type { Flow, FlowEnd } from '../../model/flow.ts';
import type { Pod } from '../../model/kubernetes.ts';
import type { InterfaceSetting, InterfaceSettings, Link, Route } from '../../model/network.ts';
import { podLink } from '../../model/pod-link.ts';
import { deviceTo, hasDirectRoute } from '../../model/routes.ts';
import { settingsOf } from './flow-entries.ts';

/** An end of the flow, and where its twins are looked for. */
export interface BesideEnd {
  readonly end: FlowEnd;
  readonly flow: Flow;
  readonly pods: Fact<readonly Pod[]>;
}

/** The interface of another pod of the same node. */
interface TwinInterface {
  /** `namespace/name` of the pod. */
  readonly pod: string;
  readonly name: string;
}

/** Returns a twin's interface that is up and connected; null: none is known. @param links of the end's node */
export function twinLink(at: BesideEnd, links: readonly Link[]): TwinInterface | null {
  return firstOf(at, (twin) => {
    const link = podLink(links, twin);
    const isUp = link?.flags.includes('UP') === true && link.flags.includes('LOWER_UP');
    return isUp ? link.name : null;
  });
}

/** Says that what is off for an end's interface is on for a twin's, after a space; empty where none is known. */
export function twinSettingWords(
  at: BesideEnd,
  settings: Fact<InterfaceSettings>,
  key: 'forwarding' | 'proxyArp',
): string {
  const isOn = (one: InterfaceSetting | null) => one?.[key] === true;
  const twin = firstOf(at, ({ interface: name }) => (name && isOn(settingsOf(settings, name)) ? name : null));
  return twin ? ` It is 1 for ${twin.name} of pod ${twin.pod}.` : '';
}

/**
 * Says that a route leads to a twin by the twin's own interface, after a space; empty where none is known.
 * @param node the main table and the links of the end's node
 */
export function twinRouteWords(
  at: BesideEnd,
  node: { readonly routes: readonly Route[]; readonly links: readonly Link[] },
): string {
  const twin = firstOf(at, (one) => {
    const own = podLink(node.links, one)?.name;
    const leads = hasDirectRoute(node.routes, one.address) && deviceTo(node.routes, one.address) === own;
    return own !== undefined && leads ? own : null;
  });
  return twin ? ` The route to pod ${twin.pod} leads to the interface of that pod, ${twin.name}.` : '';
}

function firstOf({ end, flow, pods }: BesideEnd, nameOf: (twin: FlowEnd) => string | null): TwinInterface | null {
  if (pods.status === 'unavailable') return null;
  for (const twin of twinsOf(end, flow, pods.value, familyOf(end.address))) {
    const name = nameOf(twin);
    if (name !== null) return { pod: `${twin.namespace}/${twin.name}`, name };
  }
  return null;
}
