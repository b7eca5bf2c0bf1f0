import type { Fact } from '../../model/evidence.ts';
import type { FactValue } from '../../model/facts.ts';
import type { FelixOfPod } from '../../model/fix-inputs.ts';
import type { Flow, FlowEnd } from '../../model/flow.ts';
import type { RawFinding } from '../../model/rule.ts';

/** What of the cluster decides whether Felix may be restarted. */
interface Around {
  readonly home: Fact<FactValue<'datastore-kind'>>;
  readonly access: Fact<FactValue<'calico-node-access'>>;
}

/** Offers to restart Felix of the node on which a pod of the flow runs. The fix itself reads whether it may. */
export function felixButton(
  end: FlowEnd | undefined,
  { home, access }: Around,
): Pick<RawFinding<string, FelixOfPod>, 'fixInput' | 'noFix'> {
  if (end?.kind !== 'pod' || end.interface === null || end.namespace === null)
    return { noFix: 'no pod of the flow with an interface of its own is there, whose endpoint shows what Felix reads' };
  const { node, nodeAddress, address, namespace, name: pod, interface: name } = end;
  if (node === null || nodeAddress === null) return { noFix: 'the address of the node is not known' };
  const datastore = home.status === 'observed' ? home.value.kind : null;
  if (datastore === null) return { noFix: 'it is not known where Calico keeps its objects' };
  const account =
    access.status === 'observed' ? `${access.value.account.namespace}/${access.value.account.name}` : null;
  if (datastore === 'kubernetes' && account === null)
    return { noFix: "the rights of calico-node's account were not read" };
  return { fixInput: { node, nodeAddress, interface: name, address, namespace, pod, datastore, account } };
}

/** Returns the pod of the flow that runs on the node; undefined: none does. */
export function podOn({ source, destination }: Flow, node: string): FlowEnd | undefined {
  return [destination, source].find((end) => end.kind === 'pod' && end.node === node && end.interface !== null);
}
