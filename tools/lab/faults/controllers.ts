import { controllersNode } from '../supervisor/workloads.ts';
import { calicoNamespace, controllersName, type Topology } from '../topology.ts';
import type { Step } from './steps.ts';

/** The path of the Deployment of the controllers. */
export const controllersPath = (topology: Topology) =>
  `/apis/apps/v1/namespaces/${calicoNamespace(topology)}/deployments/${controllersName(topology)}`;

const logOf = (topology: Topology) =>
  `cat /var/log/pods/${calicoNamespace(topology)}/${controllersName(topology)}-*/${controllersName(topology)}.log`;

/** Waits until a line of the controllers' log has the phrase. */
const controllersSay = (topology: Topology, what: string, phrase: string): Step => ({
  do: 'await',
  what,
  on: controllersNode(topology).name,
  command: ['sh', '-c', `${logOf(topology)} | grep -q "$1"`, 'sh', phrase],
  seconds: 60,
});

/** What the controllers say: when they work, when the API server refuses a right, and when it refuses their token. */
const said = {
  '3': { running: 'Namespace/Profile controller is now running', forbidden: 'is forbidden', refused: 'Unauthorized' },
  // It asks in plain text, and says of no answer what it was.
  '2': { running: 'Done syncing Namespace', forbidden: 'JSONDecodeError', refused: 'JSONDecodeError' },
} as const;
const words = ({ era }: Topology) => said[era];

/** Waits until the API server has refused the controllers a right, or their token. */
export const controllersRefused = (topology: Topology, what: 'forbidden' | 'refused'): Step =>
  controllersSay(topology, 'the controllers to be refused', words(topology)[what]);

/** Waits until the controllers work. */
export const controllersRun = (topology: Topology): Step =>
  controllersSay(topology, 'the controllers to run', words(topology).running);
