import type { Probe } from '../model/probe.ts';
import { apiServer } from './cluster/api-server.ts';
import { calicoNodeAccess } from './cluster/calico-node-access.ts';
import { calicoDatastore } from './datastore/calico-datastore.ts';
import { calicoEndpoint } from './datastore/calico-endpoint.ts';
import { candidatePods } from './cluster/candidate-pods.ts';
import { clusterNodes } from './cluster/cluster-nodes.ts';
import { controllerAccess } from './cluster/controller-access.ts';
import { controllerLog } from './cluster/controller-log.ts';
import { controllerRoles } from './cluster/controller-roles.ts';
import { controller } from './cluster/controller.ts';
import { felixLog } from './cluster/felix-log.ts';
import { felix } from './node/felix.ts';
import { markedFlows } from './traffic/marked-flows.ts';
import { namespace } from './cluster/namespace.ts';
import { nodeRoutes } from './node/node-routes.ts';
import { nodeRulesets } from './node/node-rulesets.ts';
import { otherNodeFlows } from './traffic/other-node-flows.ts';
import { podListeners } from './node/pod-listeners.ts';
import { policyObjects } from './datastore/policy-objects.ts';
import { pod } from './cluster/pod.ts';
import { policyDeniedFlow } from './traffic/policy-denied-flow.ts';
import { secondLook } from './node/second-look.ts';
import { sourceEndpoint } from './datastore/source-endpoint.ts';

/** Every probe. Order does not matter: facts are gathered on demand. */
export const probes: readonly Probe[] = [
  apiServer, pod, clusterNodes, namespace, candidatePods, nodeRoutes, nodeRulesets, policyObjects, secondLook, markedFlows, podListeners, calicoEndpoint, sourceEndpoint,
  calicoDatastore, felix, felixLog, controller, controllerLog, controllerAccess, controllerRoles, calicoNodeAccess,
  policyDeniedFlow, otherNodeFlows,
];
