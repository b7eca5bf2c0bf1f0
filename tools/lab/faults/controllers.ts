import { controllersNode } from '../supervisor/workloads.ts';
import { calicoNamespace, type Topology } from '../topology.ts';
import type { Step } from './steps.ts';

const logOf = (topology: Topology) =>
  `cat /var/log/pods/${calicoNamespace(topology)}/calico-kube-controllers-*/calico-kube-controllers.log`;

/** Waits until a line of the controllers' log has the phrase. */
export const controllersSay = (topology: Topology, what: string, phrase: string): Step => ({
  do: 'await',
  what,
  on: controllersNode(topology).name,
  command: ['sh', '-c', `${logOf(topology)} | grep -q "$1"`, 'sh', phrase],
  seconds: 60,
});

/** Waits until the controllers work. */
export const controllersRun = (topology: Topology): Step =>
  controllersSay(topology, 'the controllers to run', 'Namespace/Profile controller is now running');
