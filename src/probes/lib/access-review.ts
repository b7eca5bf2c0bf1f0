import type { Evidence, Unavailable } from '../../model/evidence.ts';
import type { AccessAnswer, AccessQuestion } from '../../model/kubernetes.ts';
import type { ClusterReader } from '../../model/ports.ts';
import { evidenceOfAnswer } from '../../model/evidence-of.ts';
import { unavailableAnswer } from './evidence.ts';

const listAndWatch: readonly string[] = ['list', 'watch'];

/** One SubjectAccessReview a verb and resource, for a service account with the groups that it has. */
export async function reviewAccess(
  cluster: ClusterReader,
  account: { readonly namespace: string; readonly name: string },
  needs: readonly { readonly group: string; readonly resource: string }[],
  verbs = listAndWatch,
): Promise<{ readonly reviews: readonly AccessAnswer[] | Unavailable; readonly evidence: readonly Evidence[] }> {
  const user = `system:serviceaccount:${account.namespace}:${account.name}`;
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${account.namespace}`, 'system:authenticated'];
  const questions: AccessQuestion[] = needs.flatMap((need) => verbs.map((verb) => ({ user, groups, ...need, verb })));
  const answers = await Promise.all(questions.map((question) => cluster.accessReview(question)));
  const failed = answers.find((answer) => !answer.ok);
  if (failed && !failed.ok) return { reviews: unavailableAnswer(failed), evidence: [] };
  const reviews = answers.flatMap((answer) => (answer.ok ? [answer.value] : []));
  const lines = reviews.map(
    ({ verb, resource, group, allowed }) =>
      `${verb} ${resource}${group ? `.${group}` : ''}: ${allowed ? 'allowed' : 'denied'}`,
  );
  const [first] = answers;
  return {
    reviews,
    evidence: first ? [{ ...evidenceOfAnswer(first, lines.join('\n')), command: `${first.request} as ${user}` }] : [],
  };
}
