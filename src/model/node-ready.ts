import type { KubernetesNode } from './kubernetes.ts';

type Condition = NonNullable<NonNullable<KubernetesNode['status']>['conditions']>[number];

/** Returns a node's condition Ready: `True`, `False`, or `Unknown` where its kubelet stopped reporting. */
export function readyCondition({ status }: KubernetesNode): Condition | null {
  return status?.conditions?.find(({ type }) => type === 'Ready') ?? null;
}
