/** What `policy` found, as data. */
import { unavailable, type Fact, type Unavailable } from './evidence.ts';
import type { PodPolicies, PolicyAnswer } from './pod-policies.ts';
import type { Target } from './target.ts';
import { describePort, describeSource } from './target-grammar.ts';

/** The document of `policy`. Other programs rely on its names; absent values are null. */
export interface PolicyReport {
  readonly schema: 'calico-chatops/policy/v1';
  readonly cluster: string;
  /** `namespace/name`. */
  readonly pod: string;
  /** null: nothing was asked about a source. */
  readonly answer: AskedAnswer | null;
  /** null: they could not be read, or the pod has none; `unread` says why. */
  readonly policies: PodPolicies | null;
  readonly unread: string | null;
}

export interface AskedAnswer extends Omit<PolicyAnswer, 'egress' | 'ingress'> {
  readonly from: string;
  readonly port: string;
  /** null: could not be judged; `unread` says why. */
  readonly egress: PolicyAnswer['egress'] | null;
  readonly ingress: PolicyAnswer['ingress'] | null;
  readonly unread: string | null;
}

/** @param answer null: no source was asked about */
export function policyReport(
  { cluster, namespace, pod, from, port }: Target,
  found: Fact<PodPolicies>,
  answer: Fact<PolicyAnswer> | null,
): PolicyReport {
  return {
    schema: 'calico-chatops/policy/v1',
    cluster,
    pod: `${namespace}/${pod}`,
    answer:
      from === null || port === null
        ? null
        : {
            from: describeSource(from),
            port: describePort(port),
            ...judged(answer ?? unavailable('not-recorded', 'nobody asked')),
          },
    policies: found.status === 'observed' ? found.value : null,
    unread: found.status === 'observed' ? null : reasonOf(found),
  };
}

function judged(answer: Fact<PolicyAnswer>): Omit<AskedAnswer, 'from' | 'port'> {
  return answer.status === 'observed'
    ? { ...answer.value, unread: null }
    : { decision: 'unknown', egress: null, ingress: null, unread: reasonOf(answer) };
}

/** Without the names of facts, which mean nothing to a person. */
function reasonOf({ reason }: Unavailable): string {
  return reason.replace(/^(?:needs [a-z@-]+: )+/, '');
}
