import { stringify } from 'yaml';
import { z } from 'zod';
import type { ApplyResult, Fix, FixContext, FixPlan, FixRequest, PlanResult } from '../../model/fix.ts';
import type { Evidence } from '../../model/evidence.ts';
import type { ClusterRoleBinding } from '../../model/kubernetes.ts';
import type { ApiAnswer } from '../../model/ports.ts';
import { worldMoved } from '../kit/conditions.ts';
import { grantable, nameOfRight, ownName, rbac, rbacVersion } from './controller-manifest.ts';
import { flowsToOtherNodes, openWays } from '../kit/controls.ts';
import { diffOfAddition } from '../kit/diff.ts';
import { madeRequest } from '../evidence.ts';
import type { Grant } from './choose-grant.ts';
import { grantInput, grantReads, readGrantConditions } from './look.ts';

const id = 'grant-controller-rbac';
/** The controller's client backs off to 30 s and more between tries. */
const healsWithinSeconds = 120;
const reference = { apiVersion: rbacVersion, kind: 'ClusterRoleBinding', name: ownName };
const noted = z.object({ uid: z.string().min(1), resourceVersion: z.string().min(1) });
const given = grantable.flatMap(({ resources }) => resources).join(', ');

/**
 * Gives Calico's controller its reading rights back: it puts the controller's account into a binding that an administrator
 * installed without a subject. It creates and deletes nothing, and changes no role.
 */
export const grantControllerRbac: Fix = {
  id,
  description: "Gives the account of Calico's controllers its reading rights back: puts it into the ClusterRoleBinding that stands ready for it.",
  risk: 'medium',
  reads: grantReads,
  // Which subject may stand in the binding, RBAC cannot say: the admission policy beside these rights does.
  permissions: [
    { group: rbac, resource: 'clusterroles', verbs: ['bind'], names: [ownName] },
    { group: rbac, resource: 'clusterrolebindings', verbs: ['patch'], names: [ownName] },
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
  const command = `kubectl patch clusterrolebinding ${ownName} --type merge -p '${JSON.stringify(subjectsOf(grant))}'`;
  const rejected = await write(context, grant, true);
  if (!rejected.ok) return { ok: false, why: `the API server refuses it in a dry run: ${rejected.reason}`, advice: [command] };
  const account = `${asked.accountNamespace}/${asked.accountName}`;
  const listed = asked.missing.map(nameOfRight).join(', ');
  return {
    ok: true,
    draft: {
      subject: `ServiceAccount ${account}`,
      title: `Bind ${account} to ClusterRole ${ownName}`,
      reason: `The API server refuses the controller: ${listed}. With these rights it creates the missing profiles and policies by itself, within its back-off and without a restart. This gives back reading only. Restore the rest with the manifest of the installed version: kubectl apply -f calico-etcd.yaml.`,
      steps: [{ description: `Put ${account} into ClusterRoleBinding ${ownName}`, command, node: null }],
      diff: diffOfAddition(`ClusterRoleBinding ${ownName}`, stringify({ roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: ownName } }), stringify(subjectsOf(grant))),
      blastRadius: `the account ${account}, which only Calico's controller uses. It can read ${given}, and this lets it write nothing. The controller then catches up on everything it missed, in every namespace`,
      risk: 'medium',
      rollback: { kind: 'exact', description: `Take the account out of ClusterRoleBinding ${ownName}, if nobody changed the binding since. What the controller created stays.` },
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
  const checked = await write(context, grant, true);
  if (!checked.ok) return { outcome: 'refused', why: `the API server refuses it in a dry run: ${checked.reason}`, evidence: [madeRequest(checked)] };
  const answer = await write(context, grant, false);
  const evidence = [madeRequest(checked), madeRequest(answer)];
  if (!answer.ok) return { outcome: 'failed', why: `${answer.request}: ${answer.reason}${answer.status === null ? ' (it is not known whether the binding was changed)' : ''}`, evidence };
  const { uid = '', resourceVersion = '' } = answer.value.metadata;
  return { outcome: 'applied', applied: { uid, resourceVersion }, evidence };
}

async function rollback({ writer }: FixContext, _approved: FixPlan, applied: Readonly<Record<string, string>>): Promise<{ readonly ok: boolean; readonly why: string; readonly evidence: readonly Evidence[] }> {
  // Without them the server would change whatever is there.
  const { uid, resourceVersion } = noted.parse(applied);
  const answer = await writer.merge<ClusterRoleBinding>(reference, { subjects: null }, { uid, resourceVersion }, { dryRun: false });
  const why = answer.ok ? `the account was taken out of ClusterRoleBinding ${ownName}` : `ClusterRoleBinding ${ownName} is left alone: ${answer.reason}`;
  return { ok: answer.ok, why, evidence: [madeRequest(answer)] };
}

function subjectsOf({ subject: { namespace, name } }: Grant): object {
  return { subjects: [{ kind: 'ServiceAccount', name, namespace }] };
}

function write({ writer }: FixContext, grant: Grant, dryRun: boolean): Promise<ApiAnswer<ClusterRoleBinding>> {
  const { uid, resourceVersion } = grant;
  return writer.merge<ClusterRoleBinding>(reference, subjectsOf(grant), { uid, resourceVersion }, { dryRun });
}
