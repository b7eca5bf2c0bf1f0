import type { AccessAnswer } from './kubernetes.ts';

/** What an account may list and watch. */
export interface AccountRights {
  readonly account: { readonly namespace: string; readonly name: string };
  readonly reviews: readonly AccessAnswer[];
}

/** Rights by which Felix learns of what the Kubernetes API holds, of calico-node's own account first. */
export interface FelixRights extends AccountRights {
  /**
   * The account with which Typha reads for every Felix. With a Typha, Felix itself needs little, and with the same
   * account for both all reviews are here.
   */
  readonly typha?: AccountRights;
}
