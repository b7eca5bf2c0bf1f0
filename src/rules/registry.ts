import type { Rule } from '../model/rule.ts';
import { checkRules } from './lib/check-rules.ts';
import { podNotRunning } from './target/pod-not-running.ts';
import { podWithoutAddress } from './target/pod-without-address.ts';
import { portNotListening } from './reachability/port-not-listening.ts';
import { podRouteMissing } from './routes/pod-route-missing.ts';
import { tunnelDeviceDown } from './routes/tunnel-device-down.ts';
import { blockRouteMissing } from './routes/block-route-missing.ts';
import { ipipLostBetweenNodes } from './underlay/ipip-lost-between-nodes.ts';
import { vxlanLostBetweenNodes } from './underlay/vxlan-lost-between-nodes.ts';
import { podInterfaceMissing } from './endpoint/pod-interface-missing.ts';
import { podInterfaceDown } from './endpoint/pod-interface-down.ts';
import { datastoreUnreachable } from './endpoint/datastore-unreachable.ts';
import { datastoreNotReady } from './endpoint/datastore-not-ready.ts';
import { podProfileMissing } from './endpoint/pod-profile-missing.ts';
import { sourceAddressRewritten } from './filter/source-address-rewritten.ts';
import { podProfileDenies } from './filter/pod-profile-denies.ts';
import { policyDeniesIngress } from './filter/policy-denies-ingress.ts';
import { policyDeniesEgress } from './filter/policy-denies-egress.ts';
import { foreignRuleDrops } from './filter/foreign-rule-drops.ts';
import { calicoGuardDrops } from './filter/calico-guard-drops.ts';
import { calicoNodeForbidden } from './felix/calico-node-forbidden.ts';
import { felixNotRunning } from './felix/felix-not-running.ts';
import { felixRulesStale } from './felix/felix-rules-stale.ts';
import { controllerNotRunning } from './controller/controller-not-running.ts';
import { controllerForbidden } from './controller/controller-forbidden.ts';

/** Every rule, in the order of the steps. */
export const rules: readonly Rule[] = checkRules([
  podNotRunning, podWithoutAddress,
  portNotListening,
  podRouteMissing, tunnelDeviceDown, blockRouteMissing,
  ipipLostBetweenNodes, vxlanLostBetweenNodes,
  podInterfaceMissing, podInterfaceDown, datastoreUnreachable, datastoreNotReady, podProfileMissing,
  sourceAddressRewritten, podProfileDenies, policyDeniesIngress, policyDeniesEgress, foreignRuleDrops, calicoGuardDrops,
  calicoNodeForbidden, felixNotRunning, felixRulesStale,
  controllerNotRunning, controllerForbidden,
]);
