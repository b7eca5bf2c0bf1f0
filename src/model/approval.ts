/** An approval: one person lets one plan be applied, or rolled back, once. */

export type ApprovedAction = 'apply' | 'rollback';

/** Where the approval was given. */
export type ApprovalVia =
  /**
   * `click`: the action's ts, the same for every delivery of one click. `message`: ts of the message with the button.
   */
  | {
      readonly kind: 'slack';
      readonly channel: string;
      readonly thread: string;
      readonly message: string;
      readonly click: string;
    }
  | { readonly kind: 'cli'; readonly uid: number };

/** A person who decides. `name`: a Slack id, or `NAME (cli, uid U)`. */
export interface Approver {
  readonly name: string;
  readonly via: ApprovalVia;
}

export interface Approval {
  readonly version: 1;
  /** Letters, digits and `-`. An approval of this id is used once. */
  readonly id: string;
  readonly action: ApprovedAction;
  readonly plan: string;
  /** Digest of the plan that was approved. */
  readonly digest: string;
  readonly approver: string;
  readonly via: ApprovalVia;
  /** ISO 8601, UTC. */
  readonly at: string;
}

export interface SignedApproval {
  readonly approval: Approval;
  /** Seal of `approval`. */
  readonly seal: string;
}

/** Whether a person may decide about fixes. `retry`: nobody could say just now. */
export type Permission =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly why: string; readonly retry: boolean };

/** As whom the bot itself calls the approvers, where a person did not. */
export const callsAs = 'calico-chatops';

/** Asks, now, whether the person of an approval may decide. */
/** @param about the plan: its cluster and its namespace may have approvers of their own */
export type AskPermission = (by: Approver, about: Approvable) => Promise<Permission>;

/** What of a plan says who may decide about it. */
export interface Approvable {
  readonly cluster: string;
  readonly touches?: { readonly namespace?: string | undefined } | undefined;
}

/** Remembers used approvals outside the store. */
export interface ApprovalLedger {
  /** @returns true once for an id, for all processes that share the ledger */
  spend(id: string): Promise<boolean>;
}
