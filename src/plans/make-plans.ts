/** After a verdict: a stored plan for every finding that a button may mend, advice where none may. */
import { ulid } from 'ulid';
import type { Fix, FixPlan, PlanDraft, PlanRecord } from '../model/fix.ts';
import type { NodeAddress } from '../model/ports.ts';
import type { Target } from '../model/target.ts';
import type { Finding, OfferedFix, Verdict } from '../model/verdict.ts';
import { digestOf } from '../fixes/digest.ts';
import { canonicalJson } from '../model/canonical-json.ts';
import type { ClusterAccess } from '../model/cluster-access.ts';
import { fixContext } from './fix-context.ts';
import { movePlan, tellPlan, type PlanDeps } from './plan-record.ts';
import { sealPlan } from './signed-plan.ts';
import { subjectName } from './verify-fix.ts';

export interface MakePlansDeps extends PlanDeps {
  readonly fixes: readonly Fix[];
}

/** What a run was asked. */
export interface Asked {
  readonly target: Target;
  readonly requester: string;
}

const validMinutes = 60;

/**
 * Makes, stores and tells the plans of a verdict's findings.
 * @param asked what the run was asked, and by whom
 * @returns the verdict with the plans' ids; a fix that refused is replaced by its reason and advice.
 */
export async function makePlans(deps: MakePlansDeps, access: ClusterAccess, verdict: Verdict, asked: Asked): Promise<Verdict> {
  const plan = async <F extends Finding>(finding: F): Promise<F> => (finding.fix ? offer(deps, access, verdict, finding, finding.fix, asked) : finding);
  return {
    ...verdict,
    roots: await Promise.all(verdict.roots.map(plan)),
    consequences: await Promise.all(verdict.consequences.map(plan)),
    latent: await Promise.all(verdict.latent.map(plan)),
  };
}

async function offer<F extends Finding>(deps: MakePlansDeps, access: ClusterAccess, verdict: Verdict, finding: F, offered: OfferedFix, { target, requester }: Asked): Promise<F> {
  const fix = deps.fixes.find(({ id }) => id === offered.id);
  if (!fix) return withoutFix(finding, `this version has no fix ${offered.id}`, []);
  const result = await fix.plan(fixContext(access, fix), { rule: finding.rule, input: offered.input, nodes: nodesOf(offered.input) }).catch((error: unknown) => {
    deps.warn(`the fix ${fix.id} could not be planned`, error);
    return { ok: false, why: `it could not be planned: ${error instanceof Error ? error.message : String(error)}`, advice: [] } as const;
  });
  if (!result.ok) return withoutFix(finding, result.why, result.advice);
  const record = await propose(deps, { run: verdict.run, cluster: verdict.cluster, target, rule: finding.rule, fix: fix.id, controls: fix.controls, requester }, { ...result.draft, subject: subjectName(finding.subject) });
  return { ...finding, fix: { ...offered, plan: record.plan.id } };
}

/** A plan of this run that says the same and still waits is offered again; one that says something else is superseded. */
async function propose(deps: MakePlansDeps, about: Pick<FixPlan, 'run' | 'cluster' | 'target' | 'rule' | 'fix' | 'controls'> & { readonly requester: string }, draft: PlanDraft): Promise<PlanRecord> {
  const { requester, ...names } = about;
  const now = deps.clock.now().getTime();
  const waiting = (await deps.store.plans()).filter(({ plan, state }) => state === 'proposed' && plan.run === about.run && plan.fix === about.fix && plan.subject === draft.subject);
  for (const old of waiting) {
    if (Date.parse(old.plan.expiresAt) > now && contentOf(old.plan) === contentOf(draft)) return old;
    await movePlan(deps, old.plan.id, ['proposed'], { to: 'superseded', change: { reason: 'a newer plan takes its place' }, by: 'calico-chatops', note: 'A newer plan takes its place.' });
  }
  const plan = { ...draft, ...names, id: `p-${ulid(now)}`, createdAt: new Date(now).toISOString(), expiresAt: new Date(now + validMinutes * 60_000).toISOString() };
  const record = sealPlan(deps.seals, { ...plan, digest: digestOf(plan) }, requester);
  await deps.store.savePlan(record);
  await tellPlan(deps, record, { to: 'proposed', by: requester, note: null });
  return record;
}

function contentOf({ title, steps, diff, preconditions, input }: PlanDraft): string {
  return canonicalJson({ title, steps, diff, preconditions, input });
}

function withoutFix<F extends Finding>(finding: F, why: string, advice: readonly string[]): F {
  const before = finding.advice ?? { who: 'a cluster administrator', commands: [] };
  return { ...finding, fix: null, detail: `${finding.detail} No button: ${why}.`, advice: { who: before.who, commands: [...advice, ...before.commands] } };
}

/** The node that a finding's input names, if it names one. */
function nodesOf({ node, nodeAddress }: Readonly<Record<string, string>>): readonly NodeAddress[] {
  return node && nodeAddress ? [{ name: node, address: nodeAddress }] : [];
}
