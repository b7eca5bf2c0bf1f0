import { savedRules } from '../saved-rules.ts';
import type { Dataplane, LabPod } from '../topology.ts';

/** One act of breaking or healing, as data. What a removing step takes away is kept for the restoring one. */
export type Step =
  /**
   * A command as root in a node, in a pod (`namespace/name`), or in the namespace of the bridge between the nodes
   * (`underlay`).
   */
  | { do: 'run'; on: string; command: string[] }
  /** Waits until the command succeeds there. */
  | { do: 'await'; what: string; on: string; command: string[]; seconds: number }
  | { do: 'create-object'; collection: string; object: { metadata: { name: string } } & Record<string, unknown> }
  /** Creates an event of now about the object of a path, as a component of the cluster reports it. */
  | {
      do: 'report';
      collection: string;
      about: string;
      event: { metadata: { name: string } } & Record<string, unknown>;
    }
  | { do: 'remove-object' | 'restore-object'; path: string }
  /** Deletes a pod with its grace, and waits until it is gone. */
  | { do: 'await-removal'; path: string }
  /** Waits until no endpoint of an EndpointSlice is ready. */
  | { do: 'await-unready'; path: string }
  /** Takes a resource out of every rule of a role; `restore-rules` puts the old rules back. */
  | { do: 'withdraw-resource'; path: string; resource: string }
  | { do: 'restore-rules'; path: string }
  /** Takes every subject out of a binding. */
  | { do: 'clear-subjects'; path: string }
  | { do: 'scale'; deployment: string; replicas: number }
  /** Merges the patch into an object; what is null there is taken away. */
  | { do: 'patch-object'; path: string; patch: Record<string, unknown> }
  /** Sets a variable of the first container that a workload's new pods get; `null` puts the old value back. */
  | { do: 'set-variable'; path: string; variable: string; value: string | null }
  | { do: 'remove-calico' | 'restore-calico'; kind: string; name: string }
  | ({ do: 'patch-calico'; name: string } & (
      | { kind: 'node'; patch: { spec: { bgp: { ipv4Address: string } } } }
      | { kind: 'ippool'; patch: { spec: { natOutgoing: boolean } } }
      | { kind: 'workloadendpoint'; patch: { spec: { interfaceName: string } } }
    ))
  | { do: 'stop' | 'start' | 'restart' | 'pause' | 'resume'; process: string }
  /** Sets variables of a program and starts it anew; `reset-environment` puts the old ones back. */
  | { do: 'set-environment'; process: string; variables: Record<string, string> }
  | { do: 'reset-environment'; process: string }
  /** A node's tunnel device is put down again whenever somebody brings it up. */
  | { do: 'hold-tunnel' | 'release-tunnel'; node: string }
  | { do: 'add-pod' | 'remove-pod'; pod: LabPod };

/** Shell words for a condition on what Felix programs on a node: does any rule match, as iptables-save prints it? */
export function ruleThere(dataplane: Dataplane, pattern: string): string[] {
  return ['sh', '-c', `${savedRules(dataplane)} | grep -qE -- "$1"`, 'sh', pattern];
}

/** The opposite: no rule matches. */
export function ruleGone(dataplane: Dataplane, pattern: string): string[] {
  return ['sh', '-c', `! ${savedRules(dataplane)} | grep -qE -- "$1"`, 'sh', pattern];
}

/** Shell words for the opposite of a command. */
export function not(command: readonly string[]): string[] {
  return ['sh', '-c', '! "$@"', 'sh', ...command];
}
