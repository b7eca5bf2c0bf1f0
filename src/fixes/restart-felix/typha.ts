import { ssTypha } from '../../commands/ss.ts';
import type { ApiRead } from '../../model/api-reads.ts';
import { defaultCalicoNamespaces, typhaComponent } from '../../model/calico-components.ts';
import type { Condition, FixContext } from '../../model/fix.ts';
import type { OneNode } from '../../model/fix-inputs.ts';
import type { Deployment, Namespace } from '../../model/kubernetes.ts';
import { LookError } from '../../model/look-error.ts';
import { refuse } from '../kit/conditions.ts';
import { printedLines } from '../kit/printed-lines.ts';

const { kind, names } = typhaComponent;
const deployments = { apiVersion: 'apps/v1', kind } as const;
export const typhaReads: readonly ApiRead[] = [
  { verb: 'get', ...deployments, where: 'calico', names },
  { verb: 'get', apiVersion: 'v1', kind: 'Namespace', where: 'cluster' },
];

/**
 * Reads whether Felix of the node may be fed by Typha. A Felix that does not run, or cannot connect, has no
 * connection, so the Deployment counts as well.
 * @throws LookError where the node or the API server could not be asked
 */
export async function noTypha(context: FixContext, input: OneNode): Promise<Condition | ReturnType<typeof refuse>> {
  const { calicoNamespaces = defaultCalicoNamespaces } = context;
  const [connections, found] = await Promise.all([
    printedLines(context, input, ssTypha),
    Promise.all(
      calicoNamespaces.flatMap((namespace) =>
        names.map(async (name) => ((await isThere(context, namespace, name)) ? { namespace, name } : null)),
      ),
    ),
  ]);
  const installed = found.find((one) => one !== null);
  // A Typha that is behind would make Felix forget what is newer, also routes of live pods.
  if (connections.length > 0 || installed)
    return refuse(
      `Felix of ${input.node} may be fed by Typha, and nobody checked whether Typha is up to date`,
      installed
        ? `kubectl -n ${installed.namespace} logs -l k8s-app=${installed.name} --prefix --tail=50   # does each ` +
            'pod of Typha follow the datastore? If not, delete it before Felix is restarted'
        : 'kubectl get pods -A -o wide -l k8s-app=calico-typha   # is it ready, and does its log say that it is in ' +
            'sync?',
    );
  return {
    id: 'no-typha',
    description: "no connection of the node leads to a Typha, and none is installed in Calico's namespaces",
    value: 'none',
  };
}

async function isThere({ cluster }: FixContext, namespace: string, name: string): Promise<boolean> {
  const answer = await cluster.read<Deployment>({ ...deployments, namespace, name });
  if (answer.ok) return true;
  if (answer.status === 404) return false;
  // Nobody can have a right in a namespace that does not exist.
  const home = await cluster.read<Namespace>({ apiVersion: 'v1', kind: 'Namespace', name: namespace });
  if (!home.ok && home.status === 404) return false;
  throw new LookError('api-unreachable', `${answer.request}: ${answer.reason}`);
}
