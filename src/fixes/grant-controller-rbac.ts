import { stringify } from 'yaml';
import type { ApplyResult, Fix, FixContext, FixPlan, FixRequest, PlanResult } from '../model/fix.ts';
import type { Evidence } from '../model/evidence.ts';
import type { KubernetesObject } from '../model/kubernetes.ts';
import { own } from '../model/own.ts';
import { worldMoved } from './conditions.ts';
import { grantable, manifestName, nameOfRight, ownName, rbac, rbacVersion, readVerbs } from './controller-manifest.ts';
import { flowsToOtherNodes, openWays } from './controls.ts';
import { diffOfNew } from './diff.ts';
import { madeRequest } from './evidence.ts';
import type { Grant } from './choose-grant.ts';
import { grantInput, readGrantConditions } from './grant-controller-rbac-conditions.ts';

const id = 'grant-controller-rbac';
/** The controller's client backs off to 30 s and more between tries. */
const healsWithinSeconds = 120;

/**
 * Gives Calico's controller its lost rights back: the manifest's binding, or a role and binding of our own with exactly
 * the missing verbs. It only creates, and never for a group.
 */
export const grantControllerRbac: Fix = {
  id,
  description: "Gives the account of Calico's controllers its lost rights back: restores the manifest's ClusterRoleBinding, or adds exactly the missing verbs in a role and binding of its own.",
  risk: 'medium',
  // The escalation check of the API server holds it to this: it may bind the manifest's role by name, and give only
  // such rights to a role of its own as it has itself.
  permissions: [
    ...grantable.flatMap(({ group, resources }) => resources.map((resource) => ({ group, resource, verbs: readVerbs }))),
    { group: rbac, resource: 'clusterroles', verbs: ['create'] },
    { group: rbac, resource: 'clusterrolebindings', verbs: ['create'] },
    { group: rbac, resource: 'clusterroles', verbs: ['bind'], names: [manifestName] },
    { group: rbac, resource: 'clusterroles', verbs: ['delete'], names: [ownName] },
    { group: rbac, resource: 'clusterrolebindings', verbs: ['delete'], names: [manifestName, ownName] },
  ],
  commands: {},
  controls: [openWays, flowsToOtherNodes],
  plan,
  apply,
  rollback,
};

async function plan(context: FixContext, { rule, input, nodes }: FixRequest): Promise<PlanResult> {
  const asked = grantInput.parse(input);
  const readiness = await readGrantConditions(context, asked);
  if (readiness.ready !== 'yes') return { ok: false, why: readiness.why, advice: readiness.ready === 'no' ? readiness.advice : [] };
  const grant = readiness.found;
  const objects = objectsOf(grant);
  const rejected = await dryRun(context, grant);
  if (rejected.why) return { ok: false, why: `the API server refuses it in a dry run: ${rejected.why}`, advice: objects.map((object) => `kubectl create -f - <<'EOF'\n${stringify(object)}EOF`) };
  const account = `${asked.accountNamespace}/${asked.accountName}`;
  const listed = asked.missing.map(nameOfRight).join(', ');
  return {
    ok: true,
    draft: {
      subject: `ServiceAccount ${account}`,
      title: grant.role ? `Give ${account} the rights it lacks` : `Bind ${account} to ClusterRole ${grant.binding.roleRef.name} again`,
      reason: `The API server refuses the controller: ${listed}. With these rights it makes the missing profiles and policies by itself, within its back-off and without a restart.`,
      steps: objects.map((object) => ({ description: `Create ${object.kind ?? ''} ${object.metadata.name}`, command: `kubectl create -f - <<'EOF'\n${stringify(object)}EOF`, node: null })),
      diff: objects.map((object) => diffOfNew(`${object.kind ?? ''} ${object.metadata.name}`, stringify(object))).join('\n'),
      blastRadius: `the account ${account}, which only Calico's controller uses${grant.role ? '; it can read, and write nothing' : ''}. The controller then catches up on everything it missed, in every namespace`,
      risk: 'medium',
      rollback: { kind: 'exact', description: `Delete what was created, if it is still the very object (same uid and resourceVersion). What the controller made meanwhile stays.` },
      preconditions: readiness.conditions,
      verify: { rule, withinSeconds: healsWithinSeconds },
      input,
      nodes,
    },
  };
}

async function apply(context: FixContext, approved: FixPlan): Promise<ApplyResult> {
  const readiness = await readGrantConditions(context, grantInput.parse(approved.input));
  if (readiness.ready === 'done') return { outcome: 'superseded', why: readiness.why, evidence: [] };
  if (readiness.ready === 'no') return { outcome: 'refused', why: readiness.why, evidence: [] };
  const moved = worldMoved(approved.preconditions, readiness.conditions);
  if (moved) return { outcome: 'refused', why: `the world has moved since the plan was made: ${moved}`, evidence: [] };
  const grant = readiness.found;
  const checked = await dryRun(context, grant);
  const evidence = [...checked.evidence];
  if (checked.why) return { outcome: 'refused', why: `the API server refuses it in a dry run: ${checked.why}`, evidence };

  const applied: Record<string, string> = {};
  for (const object of objectsOf(grant)) {
    const answer = await context.writer.create(object, { dryRun: false });
    evidence.push(madeRequest(answer));
    if (!answer.ok) {
      const undone = await remove(context, applied);
      evidence.push(...undone.evidence);
      return { outcome: 'failed', why: `${answer.request}: ${answer.reason}${answer.status === null ? ' (whether it was created is not known)' : ''}${undone.ok ? '' : `; ${undone.why}`}`, evidence };
    }
    const { name, uid = '', resourceVersion = '' } = answer.value.metadata;
    applied[object.kind ?? ''] = JSON.stringify({ name, uid, resourceVersion });
  }
  return { outcome: 'applied', applied, evidence };
}

function rollback(context: FixContext, _approved: FixPlan, applied: Readonly<Record<string, string>>) {
  return remove(context, applied);
}

/** The server checks and answers, and stores nothing. A binding to a role that is not stored yet cannot be checked more. */
async function dryRun(context: FixContext, grant: Grant): Promise<{ readonly why: string | null; readonly evidence: readonly Evidence[] }> {
  const checkable = grant.role ? [grant.role] : [grant.binding];
  const evidence: Evidence[] = [];
  for (const object of checkable) {
    const answer = await context.writer.create<KubernetesObject>(object, { dryRun: true });
    evidence.push(madeRequest(answer));
    if (!answer.ok) return { why: answer.reason, evidence };
  }
  return { why: null, evidence };
}

/** Deletes what `apply` noted: the binding before the role that it binds. */
async function remove(context: FixContext, applied: Readonly<Record<string, string>>): Promise<{ readonly ok: boolean; readonly why: string; readonly evidence: readonly Evidence[] }> {
  const evidence: Evidence[] = [];
  const gone: string[] = [];
  for (const kind of ['ClusterRoleBinding', 'ClusterRole']) {
    const noted = own(applied, kind);
    if (noted === undefined) continue;
    const { name, uid, resourceVersion }: { name: string; uid: string; resourceVersion: string } = JSON.parse(noted);
    const answer = await context.writer.delete({ apiVersion: rbacVersion, kind, name }, { uid, resourceVersion });
    evidence.push(madeRequest(answer));
    if (!answer.ok && answer.status !== 404) return { ok: false, why: `${kind} ${name} is left alone: ${answer.reason}`, evidence };
    gone.push(`${kind} ${name}`);
  }
  return { ok: true, why: gone.length > 0 ? `${gone.join(' and ')} deleted` : 'nothing had been created', evidence };
}

function objectsOf(grant: Grant): readonly KubernetesObject[] {
  return grant.role ? [grant.role, grant.binding] : [grant.binding];
}
