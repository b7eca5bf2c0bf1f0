/** Pods beside those of the flow that the element which ends its packets judges, too. */
export interface AlsoAffected {
  /** The element, as people name it: `policy default/deny-web`, `profile kns.shop`. */
  readonly element: string;
  /** `namespace/name` of each pod, sorted. */
  readonly pods: readonly string[];
  /** Pods of which it is not known. */
  readonly unknown: number;
}
