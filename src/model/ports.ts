import type { AccessAnswer, AccessQuestion, KubernetesNode, KubernetesObject, Pod } from './kubernetes.ts';
import type { CommandRequest, RunningCommand } from './command.ts';

/** A node as it can be looked at: one pooled connection, bounded commands from the allow-list. */
export interface NodeShell {
  readonly node: string;
  start(request: CommandRequest): RunningCommand;
}

/** Gives the shell of a node by its Kubernetes name and address. Connecting happens with the first command. */
export interface NodeShells {
  shell(node: NodeAddress): NodeShell;
  /** What the run has cost on each node so far. */
  usage(): Readonly<
    Record<string, { readonly exchanges: number; readonly bytesIn: number; readonly bytesOut: number }>
  >;
  close(): Promise<void>;
}
export interface NodeAddress {
  readonly name: string;
  readonly address: string;
}

/** An answer of the API server. `status` null: nothing was answered (connection, TLS, timeout). */
export type ApiAnswer<T> =
  | { readonly ok: true; readonly value: T; readonly request: string; readonly at: string }
  | {
      readonly ok: false;
      readonly status: number | null;
      readonly reason: string;
      readonly request: string;
      readonly at: string;
    };

export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}
export interface ListQuery {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** At most this many objects. */
  readonly limit?: number;
}
interface PodLogQuery {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly tailLines: number;
  readonly limitBytes: number;
}

/** Reads of the Kubernetes API. Never rejects for an answer of the server or a lost connection. */
export interface ClusterReader {
  read<T extends KubernetesObject>(reference: ObjectReference): Promise<ApiAnswer<T>>;
  list<T extends KubernetesObject>(query: ListQuery): Promise<ApiAnswer<readonly T[]>>;
  podLog(query: PodLogQuery): Promise<ApiAnswer<string>>;
  accessReview(question: AccessQuestion): Promise<ApiAnswer<AccessAnswer>>;
}

/** An object that a fix changes, or a part of it that has rights of its own. */
interface WrittenReference extends ObjectReference {
  readonly subresource?: 'scale';
}

/** The only write that fixes make. `dryRun` asks the server to check and answer without storing. */
export interface ClusterWriter {
  /** Merges fields into only the object of this uid and resourceVersion (RFC 7386: null takes a field away). */
  merge<T extends KubernetesObject>(
    reference: WrittenReference,
    change: object,
    precondition: { readonly uid: string; readonly resourceVersion: string },
    options: { readonly dryRun: boolean },
  ): Promise<ApiAnswer<T>>;
}

/** Where a pod was when it was last seen: for the night when the API server itself is down. */
export interface TargetMemory {
  recall(namespace: string, pod: string): Promise<RememberedTarget | null>;
  remember(target: RememberedTarget): Promise<void>;
}
export interface RememberedTarget {
  /** ISO 8601. */
  readonly at: string;
  readonly pod: Pod;
  /** Pods that served as its source. */
  readonly sources: readonly Pod[];
  readonly nodes: readonly KubernetesNode[];
}

export interface Clock {
  now(): Date;
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}
