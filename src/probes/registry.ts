import type { Probe } from '../model/probe.ts';
import { apiServer } from './api-server.ts';
import { calicoNodeAccess } from './calico-node-access.ts';
import { calicoDatastore } from './calico-datastore.ts';
import { calicoEndpoint } from './calico-endpoint.ts';
import { candidatePods } from './candidate-pods.ts';
import { clusterNodes } from './cluster-nodes.ts';
import { controllerAccess } from './controller-access.ts';
import { controllerLog } from './controller-log.ts';
import { controllerRoles } from './controller-roles.ts';
import { controller } from './controller.ts';
import { felixLog } from './felix-log.ts';
import { felix } from './felix.ts';
import { markedFlows } from './marked-flows.ts';
import { namespace } from './namespace.ts';
import { nodeRoutes } from './node-routes.ts';
import { nodeRulesets } from './node-rulesets.ts';
import { otherNodeFlows } from './other-node-flows.ts';
import { podListeners } from './pod-listeners.ts';
import { policyObjects } from './policy-objects.ts';
import { pod } from './pod.ts';
import { policyDeniedFlow } from './policy-denied-flow.ts';
import { secondLook } from './second-look.ts';
import { sourceEndpoint } from './source-endpoint.ts';

/** Every probe. Order does not matter: facts are gathered on demand. */
export const probes: readonly Probe[] = [
  apiServer, pod, clusterNodes, namespace, candidatePods, nodeRoutes, nodeRulesets, policyObjects, secondLook, markedFlows, podListeners, calicoEndpoint, sourceEndpoint,
  calicoDatastore, felix, felixLog, controller, controllerLog, controllerAccess, controllerRoles, calicoNodeAccess,
  policyDeniedFlow, otherNodeFlows,
];
