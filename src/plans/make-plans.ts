/** After a verdict: a stored plan for every finding that a button may fix, advice where none may. */
import { ulid } from 'ulid';
import type { ComputedFact } from '../model/computed.ts';
import type { Control, Fix, FixPlan, PlanRecord } from '../model/fix.ts';
import type { Probe } from '../model/probe.ts';
import type { Target } from '../model/target.ts';
import type { Finding, OfferedFix, Verdict } from '../model/verdict.ts';
import { digestOf } from '../fixes/digest.ts';
import { canonicalJson } from '../model/canonical-json.ts';
import type { ClusterAccess } from '../model/cluster-access.ts';
import type { GatherDeps } from '../engine/gather.ts';
import { chooseControls } from './control-probes.ts';
import { movePlan, tellPlan, type PlanDeps } from './plan-record.ts';
import { sealPlan } from './signed-plan.ts';
import { draftFix, type Drafted } from './use-fix.ts';

export interface MakePlansDeps extends PlanDeps {
  readonly fixes: readonly Fix[];
  /** To choose the flows that are watched around a fix. */
  readonly probes: readonly Probe[];
  readonly computed: readonly ComputedFact[];
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

async function offer<F extends Finding>(
  deps: MakePlansDeps,
  access: ClusterAccess,
  verdict: Verdict,
  finding: F,
  offered: OfferedFix,
  asked: Asked,
): Promise<F> {
  const fix = deps.fixes.find(({ id }) => id === offered.id);
  if (!fix) return withoutFix(finding, `this version has no fix ${offered.id}`, []);
  try {
    const drafted = await draftFix(fix, access, offered.input);
    if (!drafted.ok) return withoutFix(finding, drafted.why, drafted.advice);
    const { input } = drafted;
    const request = { run: `${verdict.run}.${finding.id}`, target: asked.target };
    const { signal } = new AbortController();
    const controls = await chooseControls(engineOf(deps, access), request, { controls: fix.controls, input }, signal);
    const record = await propose(deps, contentOf(verdict, finding, fix, drafted, controls, asked.target), asked.requester);
    return { ...finding, fix: { ...offered, plan: record.plan.id } };
  } catch (error) {
    deps.warn(`the fix ${fix.id} could not be planned`, error);
    return withoutFix(finding, `it could not be planned: ${error instanceof Error ? error.message : String(error)}`, []);
  }
}

/** A plan before it has an id and a time. */
type PlanContent = Omit<FixPlan, 'id' | 'createdAt' | 'expiresAt' | 'digest'>;

function contentOf(
  { run, cluster }: Verdict,
  { id, rule, subject }: Finding,
  fix: Fix,
  { draft: { withinSeconds, ...draft }, input, conditions }: Drafted & { readonly ok: true },
  controls: readonly Control[],
  target: Target,
): PlanContent {
  return {
    ...draft,
    fix: fix.id,
    run,
    cluster,
    target,
    finding: id,
    rule,
    subject,
    preconditions: conditions,
    verify: { rule, withinSeconds },
    controls,
    input,
  };
}

function engineOf({ probes, computed, clock }: MakePlansDeps, access: ClusterAccess): GatherDeps {
  const { cluster, shells, calicoNamespaces } = access;
  return { probes, computed, clock, cluster, shells, ...(calicoNamespaces && { calicoNamespaces }) };
}

/** A plan of this run that says the same and still waits is offered again; one that says something else is superseded. */
async function propose(deps: MakePlansDeps, content: PlanContent, requester: string): Promise<PlanRecord> {
  const now = deps.clock.now().getTime();
  const about = ({ run, fix, subject }: PlanContent) => canonicalJson({ run, fix, subject });
  const waiting = (await deps.store.plans()).filter(
    ({ plan, state }) => state === 'proposed' && about(plan) === about(content),
  );
  for (const old of waiting) {
    if (Date.parse(old.plan.expiresAt) > now && isSameContent(old.plan, content)) return old;
    const note = 'A newer plan takes its place.';
    await movePlan(deps, old.plan.id, ['proposed'], {
      to: 'superseded',
      change: { reason: 'a newer plan takes its place' },
      by: 'calico-chatops',
      note,
    });
  }
  const plan = {
    ...content,
    id: `p-${ulid(now)}`,
    createdAt: new Date(now).toISOString(),
    expiresAt: new Date(now + validMinutes * 60_000).toISOString(),
  };
  const record = sealPlan(deps.seals, { ...plan, digest: digestOf(plan) }, requester);
  await deps.store.savePlan(record);
  await tellPlan(deps, record, { to: 'proposed', by: requester, note: null });
  return record;
}

function isSameContent({ id, createdAt, expiresAt, digest, ...old }: FixPlan, content: PlanContent): boolean {
  const names = { id, createdAt, expiresAt, digest };
  return canonicalJson({ ...old, ...names }) === canonicalJson({ ...content, ...names });
}

function withoutFix<F extends Finding>(finding: F, why: string, advice: readonly string[]): F {
  const before = finding.advice ?? { who: 'a cluster administrator', commands: [] };
  return { ...finding, fix: null, detail: `${finding.detail} No button: ${why}.`, advice: { who: before.who, commands: [...advice, ...before.commands] } };
}
