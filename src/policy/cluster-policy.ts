/**
 * Policies of the Kubernetes API for the whole cluster, as the Calico policies that Felix makes of them
 * (libcalico-go backend/k8s/conversion: conversion.go of v3.29 to v3.31, clusternetworkpolicy.go of v3.32).
 */
import { felixName } from '../calico/policy-names.ts';
import type { CalicoPolicy, CalicoRule, EntityRule } from '../model/calico.ts';
import type {
  ClusterPolicy,
  ClusterPolicyKind,
  ClusterPolicyPeer,
  ClusterPolicyPort,
  ClusterPolicyProtocol,
  ClusterPolicyRule,
  ClusterPolicySelector,
} from '../model/kubernetes.ts';
import { own } from '../model/own.ts';
import { namespaceTerms, podTerms } from './kubernetes-policy.ts';

/** The Calico versions that read a kind: from the first one on, before the second one. */
const readBy: Readonly<Record<ClusterPolicyKind, { readonly from: number; readonly before: number }>> = {
  AdminNetworkPolicy: { from: 29, before: 32 },
  BaselineAdminNetworkPolicy: { from: 30, before: 32 },
  ClusterNetworkPolicy: { from: 32, before: Infinity },
};

/**
 * Does this version of Calico enforce policies of the kind?
 * @param version such as `v3.31.2`
 * @returns null if the version is not of the form that Calico writes
 */
export function enforces(version: string, kind: ClusterPolicyKind): boolean | null {
  const [, major = '', minor = ''] = /^v?(\d{1,4})\.(\d{1,4})(?:\.|$)/.exec(version) ?? [];
  if (minor === '') return null;
  const { from, before } = readBy[kind];
  return Number(major) === 3 && Number(minor) >= from && Number(minor) < before;
}

/** Tiers of ClusterNetworkPolicy (api v3 tier.go). */
const tiers: Readonly<Record<string, string>> = { Admin: 'kube-admin', Baseline: 'kube-baseline' };
/** The order of the one BaselineAdminNetworkPolicy. */
const baselineOrder = 1000;

/**
 * Returns the policy that Felix makes; null: Felix skips the policy, since it has no subject or an unknown tier.
 * A rule that Felix cannot convert becomes a denial of everything if it denies or passes, and is left out if it allows.
 */
export function fromClusterPolicy(kind: ClusterPolicyKind, { metadata, spec }: ClusterPolicy): CalicoPolicy | null {
  const subject = spec.subject && selectorsOf(spec.subject);
  if (!subject) return null;
  const [ingress, egress] = [
    (spec.ingress ?? []).flatMap((rule) => rulesOf(rule, rule.from ?? [], 'source')),
    (spec.egress ?? []).flatMap((rule) => rulesOf(rule, rule.to ?? [], 'destination')),
  ];
  const named = nameOf(kind, metadata.name, spec.tier);
  if (named === null) return null;
  return {
    kind: named.kind,
    metadata: { name: named.name },
    spec: {
      tier: named.tier,
      order: kind === 'BaselineAdminNetworkPolicy' ? baselineOrder : (spec.priority ?? 0),
      ...subject,
      // These tiers pass what no rule decides, so a direction without rules is not judged.
      types: [...(ingress.length > 0 ? ['Ingress'] : []), ...(egress.length > 0 ? ['Egress'] : [])],
      ingress,
      egress,
    },
  };
}

function nameOf(kind: ClusterPolicyKind, name: string, tier = '') {
  if (kind !== 'ClusterNetworkPolicy') return { kind, ...felixName(kind, name) };
  const felixTier = own(tiers, tier);
  return felixTier === undefined ? null : { kind: 'KubernetesClusterNetworkPolicy', name, tier: felixTier };
}

const actions: Readonly<Record<string, string>> = { Allow: 'Allow', Accept: 'Allow', Deny: 'Deny', Pass: 'Pass' };

function rulesOf(
  rule: ClusterPolicyRule,
  peers: readonly ClusterPolicyPeer[],
  side: 'source' | 'destination',
): readonly CalicoRule[] {
  const action = own(actions, rule.action);
  const entities = peers.map((peer) => entityOf(peer, side));
  if (action === undefined || entities.some((entity) => entity === null))
    return rule.action === 'Deny' || rule.action === 'Pass' ? [{ action: 'Deny' }] : [];
  return entities.flatMap((entity) =>
    matchesOf(rule).map(({ protocol, ports }): CalicoRule => {
      const other = entity ?? {};
      const destination = { ...(side === 'destination' ? other : {}), ...(ports ? { ports } : {}) };
      return {
        action,
        ...(protocol === null ? {} : { protocol }),
        ...(side === 'source' ? { source: other } : {}),
        ...(Object.keys(destination).length > 0 ? { destination } : {}),
      };
    }),
  );
}

/** @returns null for a peer of a kind that Felix does not know; only the egress peers may be networks */
function entityOf(peer: ClusterPolicyPeer, side: 'source' | 'destination'): EntityRule | null {
  const nets = side === 'destination' ? (peer.networks ?? []) : [];
  const selected = selectorsOf(peer);
  if (!selected && nets.length === 0) return null;
  const { selector, namespaceSelector } = selected ?? {};
  return {
    // A peer that names namespaces alone has no selector of pods.
    ...(peer.pods && selector !== undefined ? { selector } : {}),
    ...(namespaceSelector === undefined ? {} : { namespaceSelector }),
    ...(nets.length > 0 ? { nets } : {}),
  };
}

function selectorsOf({ namespaces, pods }: ClusterPolicySelector) {
  if (pods) return { selector: podTerms(pods.podSelector), namespaceSelector: namespaceTerms(pods.namespaceSelector) };
  return namespaces ? { selector: podTerms(undefined), namespaceSelector: namespaceTerms(namespaces) } : null;
}

interface Match {
  readonly protocol: string | null;
  readonly ports: readonly (string | number)[] | null;
}

const everything: Match = { protocol: null, ports: null };

/** Returns one match a port. An entry without a port or protocol matches everything, whatever else the rule names. */
function matchesOf({ ports = [], protocols = [] }: ClusterPolicyRule): readonly Match[] {
  const matches = [...ports.map(matchOfPort), ...protocols.map(matchOfProtocol)];
  return matches.length === 0 || matches.some((match) => match === everything) ? [everything] : matches;
}

/** Up to v3.31 Felix takes a named port for no port at all. */
function matchOfPort({ portNumber, portRange }: ClusterPolicyPort): Match {
  if (portNumber) return { protocol: portNumber.protocol || 'TCP', ports: [portNumber.port] };
  if (portRange) return { protocol: portRange.protocol || 'TCP', ports: [rangeOf(portRange)] };
  return everything;
}

function matchOfProtocol({ tcp, udp, sctp, destinationNamedPort }: ClusterPolicyProtocol): Match {
  for (const [protocol, match] of [
    ['TCP', tcp],
    ['UDP', udp],
    ['SCTP', sctp],
  ] as const) {
    if (!match) continue;
    const { number, range } = match.destinationPort ?? {};
    return { protocol, ports: number ? [number] : range ? [rangeOf(range)] : null };
  }
  return destinationNamedPort ? { protocol: null, ports: [destinationNamedPort] } : everything;
}

function rangeOf({ start, end }: { readonly start: number; readonly end: number }): string {
  return `${start}:${end}`;
}
