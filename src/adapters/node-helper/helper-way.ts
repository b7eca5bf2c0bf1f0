/** A way to a node's helper: SSH, or the agent. All that is done over it is the same for both. */
import type { LookError } from '../../model/look-error.ts';
import type { NodeAddress } from '../../model/ports.ts';

/** What the helper writes, as it comes. None of these throws. */
export interface HelperEvents {
  output(chunk: Buffer): void;
  errors(chunk: Buffer): void;
  /**
   * It has ended, or the way did not start it.
   * @param why as the way says it; null: the way does not
   * @param code what it means where no helper was started
   */
  exited(why: string | null, code?: 'exec-refused'): void;
  /** What came is not of the way's own protocol. */
  broken(why: string): void;
  /** Nothing more comes, whatever the reason. */
  closed(): void;
}

/** The standard input of a running helper. What is written after its end is lost. */
export interface HelperInput {
  write(text: string): void;
  end(): void;
}

/** An open way to one node. */
export interface NodeConnection {
  /**
   * Starts the helper. Events may come before this resolves.
   * @throws LookError when it cannot be started
   */
  start(events: HelperEvents): Promise<HelperInput>;
  /** Ends it at once: nothing more is read, also when the other side goes on sending. */
  cut(): void;
  /** Told once when it ends, by whichever side. */
  onceClosed(told: () => void): void;
}

/** Codes of a connection that was lost: another attempt may succeed. */
export type LostCode = 'ssh-lost' | 'exec-lost';

export interface HelperWay {
  readonly lostCode: LostCode;
  /** How messages name a node, such as `NODE (agent)`. */
  label(node: string): string;
  /** How long the helper may take to greet. */
  readonly startTimeoutMs: number;
  /**
   * @param signal gives the attempt up, and leaves no connection behind
   * @throws LookError with the lost code where another attempt may succeed
   */
  connect(node: NodeAddress, signal: AbortSignal): Promise<NodeConnection>;
  /** Ends what the connections to all nodes have in common. */
  close?(): void;
}

export const isLost = ({ code }: LookError): boolean => code === 'ssh-lost' || code === 'exec-lost';
