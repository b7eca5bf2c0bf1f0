/**
 * Objects of Calico 2.x (apiVersion v1, as calicoctl 1.x prints them) in the shape of today's. Source:
 * projectcalico/libcalico-go v1.7.2, lib/api.
 */
import type { CalicoPolicy, CalicoRule, EntityRule, IPPool, Profile, WorkloadEndpoint } from '../model/calico.ts';

type Fields = Readonly<Record<string, unknown>>;

/** An object of this version and kind; null for anything else. */
export interface V1Object {
  readonly metadata: Fields;
  readonly spec: Fields;
}

/** Returns the parts of an object; null where it is not one of this kind and version. */
export function v1Object(value: unknown, kind: string): V1Object | null {
  const { apiVersion, kind: found, metadata, spec } = fieldsOf(value);
  if (apiVersion !== 'v1' || String(found).toLowerCase() !== kind.toLowerCase()) return null;
  return { metadata: fieldsOf(metadata), spec: fieldsOf(spec) };
}

/** The endpoint's namespace and pod stand in its workload: `NAMESPACE.POD`. A namespace's name has no dot. */
export function endpointOfV1({ metadata, spec }: V1Object): WorkloadEndpoint {
  const workload = textOf(metadata['workload']);
  const dot = workload.indexOf('.');
  return {
    metadata: {
      name: textOf(metadata['name']),
      ...(dot > 0 ? { namespace: workload.slice(0, dot) } : {}),
      labels: textsOf(metadata['labels']),
    },
    spec: {
      node: textOf(metadata['node']),
      ...(dot > 0 ? { pod: workload.slice(dot + 1) } : {}),
      interfaceName: textOf(spec['interfaceName']),
      ipNetworks: listOf(spec['ipNetworks']).map(textOf),
      profiles: listOf(spec['profiles']).map(textOf),
    },
  };
}

/** Its labels stand in its metadata; endpoints that name it inherit them, as they do from `labelsToApply`. */
export function profileOfV1({ metadata, spec }: V1Object): Profile {
  return {
    metadata: { name: textOf(metadata['name']) },
    spec: { ...rulesOf(spec), labelsToApply: textsOf(metadata['labels']) },
  };
}

/** A pool's name is its network. Its mode is empty where every packet is encapsulated. */
export function poolOfV1({ metadata, spec }: V1Object): IPPool {
  const cidr = textOf(metadata['cidr']);
  const { enabled, mode } = fieldsOf(spec['ipip']);
  const encapsulated = mode === 'cross-subnet' ? 'CrossSubnet' : 'Always';
  return {
    metadata: { name: cidr },
    spec: {
      cidr,
      ipipMode: enabled === true ? encapsulated : 'Never',
      natOutgoing: spec['nat-outgoing'] === true,
      ...(spec['disabled'] === true ? { disabled: true } : {}),
    },
  };
}

/** The one kind of policy of this version: for all namespaces, in the one tier that there is. */
export const v1PolicyKind = 'Policy';

/** Kubernetes' own are among them, as the controller names them: `NAMESPACE.NAME`. */
export function policyOfV1({ metadata, spec }: V1Object): CalicoPolicy {
  const { order, selector, types } = spec;
  return {
    kind: v1PolicyKind,
    metadata: { name: textOf(metadata['name']) },
    spec: {
      ...(typeof order === 'number' ? { order } : {}),
      ...(typeof selector === 'string' ? { selector } : {}),
      types: listOf(types).map((type) => titled(textOf(type))),
      ...rulesOf(spec),
      ...(spec['doNotTrack'] === true ? { doNotTrack: true } : {}),
      ...(spec['preDNAT'] === true ? { preDNAT: true } : {}),
    },
  };
}

function rulesOf(spec: Fields): { readonly ingress: readonly CalicoRule[]; readonly egress: readonly CalicoRule[] } {
  return { ingress: listOf(spec['ingress']).map(ruleOf), egress: listOf(spec['egress']).map(ruleOf) };
}

function ruleOf(value: unknown): CalicoRule {
  const { action, source, destination, ...rest } = fieldsOf(value);
  return {
    ...rest,
    action: titled(textOf(action)),
    ...(source === undefined ? {} : { source: entityOf(source) }),
    ...(destination === undefined ? {} : { destination: entityOf(destination) }),
  };
}

/** One network may stand alone. A tag chooses endpoints as no field of today does: who judges must see it. */
function entityOf(value: unknown): EntityRule {
  const { net, notNet, nets, notNets, ...rest } = fieldsOf(value);
  const [all, none] = [[...listOf(nets), ...(net === undefined ? [] : [net])], [...listOf(notNets)]];
  if (notNet !== undefined) none.push(notNet);
  return {
    ...rest,
    ...(all.length > 0 ? { nets: all.map(textOf) } : {}),
    ...(none.length > 0 ? { notNets: none.map(textOf) } : {}),
  };
}

function titled(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(fieldsOf(value)).map(([key, text]) => [key, textOf(text)]));
}
