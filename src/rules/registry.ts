import type { Rule } from '../model/rule.ts';
import { blockRouteMissing } from './block-route-missing.ts';
import { calicoGuardDrops } from './calico-guard-drops.ts';
import { calicoNodeForbidden } from './calico-node-forbidden.ts';
import { controllerForbidden } from './controller-forbidden.ts';
import { controllerNotRunning } from './controller-not-running.ts';
import { datastoreNotReady } from './datastore-not-ready.ts';
import { datastoreUnreachable } from './datastore-unreachable.ts';
import { felixNotRunning } from './felix-not-running.ts';
import { felixRulesStale } from './felix-rules-stale.ts';
import { foreignRuleDrops } from './foreign-rule-drops.ts';
import { ipipLostBetweenNodes } from './ipip-lost-between-nodes.ts';
import { podInterfaceDown } from './pod-interface-down.ts';
import { podInterfaceMissing } from './pod-interface-missing.ts';
import { podNotRunning } from './pod-not-running.ts';
import { podProfileDenies } from './pod-profile-denies.ts';
import { podProfileMissing } from './pod-profile-missing.ts';
import { podRouteMissing } from './pod-route-missing.ts';
import { podWithoutAddress } from './pod-without-address.ts';
import { policyDeniesEgress } from './policy-denies-egress.ts';
import { policyDeniesIngress } from './policy-denies-ingress.ts';
import { portNotListening } from './port-not-listening.ts';
import { sourceAddressRewritten } from './source-address-rewritten.ts';
import { tunnelDeviceDown } from './tunnel-device-down.ts';

/** Every rule. Where several could explain one finding, the first of this list does. */
export const rules: readonly Rule[] = [
  podNotRunning, podWithoutAddress, portNotListening,
  podInterfaceMissing, podInterfaceDown, podRouteMissing, tunnelDeviceDown, blockRouteMissing,
  ipipLostBetweenNodes,
  datastoreUnreachable, datastoreNotReady, podProfileMissing,
  sourceAddressRewritten, podProfileDenies, policyDeniesIngress, policyDeniesEgress, foreignRuleDrops, calicoGuardDrops,
  calicoNodeForbidden, felixNotRunning, felixRulesStale,
  controllerNotRunning, controllerForbidden,
];
