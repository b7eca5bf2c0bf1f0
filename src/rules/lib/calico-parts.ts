/** Commands about Calico's own parts, with the names that they have on this cluster. */
import type { Fact } from '../../model/evidence.ts';
import { calicoNamespaceOf, type Install, type ObjectOwner } from '../../model/install.ts';

const inCalico = 'kubectl -n {calicoNamespace}';
/** Of node {node}: Calico's pod there. */
const nodePod = `$(${inCalico} get pods -l {calicoNodeLabel} --field-selector spec.nodeName={node} -o name)`;

/** Lists the pod of calico-node on {node}. */
export const calicoNodePod = `${inCalico} get pods -l {calicoNodeLabel} -o wide --field-selector spec.nodeName={node}`;

/** Shows the last lines of calico-node on {node}. */
export function calicoNodeLog(lines: number): string {
  return `${inCalico} logs ${nodePod} -c calico-node --tail=${lines}`;
}

/** Restarts Felix on {node} alone; BIRD and its routes stay. */
export const restartFelix = `${inCalico} exec ${nodePod} -c calico-node -- sv restart /etc/service/enabled/felix`;

/** Values of the placeholders in these commands. A name in capitals is for a person to fill in. */
type PartsData = Readonly<Record<'calicoNamespace' | 'calicoNode' | 'calicoNodeLabel', string>>;
export function partsData(install: Fact<Install>): PartsData {
  const known = install.status === 'observed' ? install.value : null;
  return {
    calicoNamespace: (known && calicoNamespaceOf(known)) ?? 'NAMESPACE',
    calicoNode: known?.node?.name ?? 'calico-node',
    calicoNodeLabel: known?.node?.selector ?? 'k8s-app=calico-node',
  };
}

/** The command that changes a setting, by how Calico was installed. */
interface SettingChange {
  readonly manifest: string;
  readonly operator: string;
}

/** Returns the command for each way of installing Calico, for where it is not known. */
export function everyWay({ manifest, operator }: SettingChange): readonly string[] {
  return [commented(manifest, 'if a manifest installed Calico'), commented(operator, 'if its operator installed it')];
}

/** Returns the command that holds on this cluster; all of them where it is not known how Calico was installed. */
export function onThisInstall(install: Fact<Install>, change: SettingChange): readonly string[] {
  const known = install.status === 'observed' ? install.value : null;
  if (!known || known.kind === 'unknown') return everyWay(change);
  const operator = known.kind === 'operator' ? known.operator : null;
  const owner = operator ? operator.owner : (known.node?.owner ?? null);
  const command = operator ? change.operator : change.manifest;
  return [owner ? commented(command, `${owner.name} undoes this: change it there too`) : command];
}

function commented(command: string, comment: string): string {
  return command.includes('   # ') ? command.replace('   # ', () => `   # ${comment}; `) : `${command}   # ${comment}`;
}

/** Commands for where an operator does not keep what is its own. */
export const askOperator: readonly string[] = [
  'kubectl get tigerastatus   # what the operator says of itself',
  'kubectl get pods -A -l k8s-app=tigera-operator -o wide   # does the operator run? Read its log',
];

/** Who would undo a change to Calico's part, by the word of that part or of calico-node; null: nobody says so. */
export function ownerOfPart(install: Fact<Install>, part: 'node' | 'controllers' | 'typha'): ObjectOwner | null {
  if (install.status === 'unavailable') return null;
  const { value } = install;
  return value[part]?.owner ?? value.node?.owner ?? null;
}
