import type { ClusterAccess } from './cluster-access.ts';
import type { Target } from './target.ts';
import type { Verdict } from './verdict.ts';

/** What a run was asked. */
export interface Asked {
  readonly target: Target;
  readonly requester: string;
}

/** What the life of a run needs of the life of plans. */
export interface RunPlans {
  /**
   * Stores and tells a plan for every finding that a fix is for, or why there is none. A second time it adds nothing.
   */
  offer(access: ClusterAccess, verdict: Verdict, asked: Asked): Promise<void>;
  /** Supersedes plans of the same pod whose cause this verdict found gone. */
  retire(target: Target, verdict: Verdict): Promise<void>;
}
