import type { Leg } from './flow-walk.ts';

/** What policies and profiles, as the datastore has them, say of one packet at one endpoint. */
export interface Expected {
  readonly decision: 'allow' | 'deny' | 'unknown';
  /** What decides it, or why that is not known; without a full stop. */
  readonly by: string;
  /** The policies behind it, `namespace/name` or `name`. */
  readonly policies: readonly string[];
}
export interface ExpectedDecision extends Expected {
  readonly leg: Leg;
  readonly node: string;
  /** Of the endpoint that is judged: ingress of the pod, egress of the source. */
  readonly direction: 'ingress' | 'egress';
}
