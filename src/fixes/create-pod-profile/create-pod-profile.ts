import { z } from 'zod';
import type { ApplyResult, Fix, FixContext, FixPlan, FixRequest, PlanResult } from '../../model/fix.ts';
import { LookError } from '../../model/look-error.ts';
import { calicoctlCommands, calicoctlOn, whyNotDeleted } from '../kit/calicoctl.ts';
import { refuse, worldMoved } from '../kit/conditions.ts';
import { profileInput, readProfileConditions } from './look.ts';
import { openWays, policyDeniedFlow } from '../kit/controls.ts';
import { diffOfNew } from '../kit/diff.ts';
import { profileText } from './profile-object.ts';

const id = 'create-pod-profile';
/** Felix programs a new profile within seconds. */
const healsWithinSeconds = 60;

const created = z.object({ name: z.string(), uid: z.string(), resourceVersion: z.string() });

/** Makes the profile that a pod's endpoint names and the datastore lacks, as Calico's controller would have made it. */
export const createPodProfile: Fix = {
  id,
  description: "Creates the profile that a pod's endpoint names and Calico's etcd datastore lacks, with calicoctl on the pod's node.",
  risk: 'medium',
  reads: ['Namespace', 'ServiceAccount'].map((kind) => ({ verb: 'get', apiVersion: 'v1', kind, where: 'cluster' })),
  permissions: [],
  commands: calicoctlCommands,
  controls: [openWays, policyDeniedFlow],
  plan,
  apply,
  rollback,
};

async function plan(context: FixContext, { rule, input }: FixRequest): Promise<PlanResult> {
  const asked = profileInput.parse(input);
  const readiness = await readProfileConditions(context, id, asked).catch(lookFailed);
  if (readiness.ready !== 'yes') return { ok: false, why: readiness.why, advice: readiness.ready === 'no' ? readiness.advice : [] };
  const { profile, namespace, node, nodeAddress } = asked;
  const text = profileText(readiness.found.object);
  const opens = readiness.found.object.spec.ingress !== undefined;
  return {
    ok: true,
    draft: {
      subject: `Profile ${profile}`,
      title: `Create profile ${profile}`,
      reason: `Felix drops what an endpoint's missing profile should judge. This makes the profile as Calico's controller would. It does not mend the controller: while that cannot do its work, the next namespace or account lacks its profile too.`,
      steps: [{ description: `Create the profile, if it is still absent`, command: `calicoctl create -f - <<'EOF'\n${text}EOF`, node }],
      diff: diffOfNew(`Profile ${profile}`, text),
      blastRadius: opens ? `every pod of namespace ${namespace}: traffic that no policy selects is allowed, as it is in any healthy namespace; policies go on deciding what they select` : `labels of the pods that use this account; it allows nothing by itself`,
      risk: opens ? 'medium' : 'low',
      rollback: { kind: 'exact', description: 'Delete the profile, if it is still the very object that was created (same uid and resourceVersion).' },
      preconditions: readiness.conditions,
      verify: { rule, withinSeconds: healsWithinSeconds },
      input,
      nodes: [{ name: node, address: nodeAddress }],
    },
  };
}

async function apply(context: FixContext, approved: FixPlan): Promise<ApplyResult> {
  const readiness = await readProfileConditions(context, id, profileInput.parse(approved.input)).catch(lookFailed);
  if (readiness.ready === 'done') return { outcome: 'superseded', why: readiness.why, evidence: [] };
  if (readiness.ready === 'no') return { outcome: 'refused', why: readiness.why, evidence: [] };
  const { calicoctl, object } = readiness.found;
  const moved = worldMoved(approved.preconditions, readiness.conditions);
  if (moved) return { outcome: 'refused', why: `the world has moved since the plan was made: ${moved}`, evidence: calicoctl.ran() };

  const name = object.metadata.name;
  const made = await calicoctl.create(readiness.found).catch((error: unknown) => unknownOutcome(error));
  if (made instanceof LookError || made.exit === null) return { outcome: 'failed', why: `whether ${name} was created is not known: ${made instanceof LookError ? made.message : 'calicoctl did not end in time'}. Look at it by hand.`, evidence: calicoctl.ran() };
  if (made.exit !== 0) {
    const said = `${made.stderr}${made.stdout}`.trim();
    if (/resource already exists/.test(said)) return { outcome: 'superseded', why: `profile ${name} is there already: the controller got there first`, evidence: calicoctl.ran() };
    return { outcome: 'failed', why: `calicoctl create: ${said.slice(0, 300)}`, evidence: calicoctl.ran() };
  }
  const stored = await calicoctl.profile(name).catch((error: unknown) => unknownOutcome(error));
  const metadata = stored instanceof LookError ? null : stored.object?.metadata;
  return { outcome: 'applied', applied: { name, uid: metadata?.uid ?? '', resourceVersion: metadata?.resourceVersion ?? '' }, evidence: calicoctl.ran() };
}

async function rollback(context: FixContext, approved: FixPlan, applied: Readonly<Record<string, string>>) {
  const { node, nodeAddress } = profileInput.parse(approved.input);
  const mine = created.parse(applied);
  const calicoctl = calicoctlOn(context.shells, { name: node, address: nodeAddress }, id);
  const result = (ok: boolean, why: string) => ({ ok, why, evidence: calicoctl.ran() });
  try {
    const { object } = await calicoctl.profile(mine.name);
    if (!object) return result(true, `profile ${mine.name} is gone already`);
    const { uid, resourceVersion } = object.metadata;
    if (mine.uid === '' || uid !== mine.uid || resourceVersion !== mine.resourceVersion) return result(false, `profile ${mine.name} is no longer the object that was created (somebody changed or replaced it), so it is left alone`);
    const problem = whyNotDeleted(mine);
    if (problem !== null) return result(false, `profile ${mine.name} is left alone: the node's helper does not take it: ${problem}`);
    const removed = await calicoctl.delete(mine);
    return removed.exit === 0 ? result(true, `profile ${mine.name} was deleted`) : result(false, `calicoctl delete: ${`${removed.stderr}${removed.stdout}`.trim().slice(0, 300)}`);
  } catch (error) {
    return result(false, `whether profile ${mine.name} was deleted is not known: ${unknownOutcome(error).message}`);
  }
}

function lookFailed(error: unknown) {
  return refuse(`its conditions could not be read: ${unknownOutcome(error).message}`);
}

/** @throws what is no LookError: a mistake of ours. */
function unknownOutcome(error: unknown): LookError {
  if (error instanceof LookError) return error;
  throw error;
}
