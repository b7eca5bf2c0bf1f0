import type { Gathering } from '../probes/gather.ts';

export interface FlowOutcome {
  /** The asked flow got an answer (true), got none (false), or was not tried (null). */
  readonly works: boolean | null;
  readonly notes: readonly string[];
}

export async function flowOutcome(gathering: Pick<Gathering, 'fact'>): Promise<FlowOutcome> {
  const [flow, reachability] = await Promise.all([gathering.fact('flow'), gathering.fact('reachability')]);
  const notes = flow.status === 'observed' ? flow.value.refusedByDesign.map(({ source, policy }) => `${source} is refused by policy ${policy}, which admits others: by design, not a fault.`) : [];
  if (reachability.status === 'unavailable') return { works: null, notes };
  const asked = reachability.value.attempts.filter((attempt) => attempt.what === 'flow' && attempt.answer !== 'error');
  if (asked.length === 0) return { works: null, notes };
  return { works: asked.every((attempt) => attempt.answer === 'reply'), notes };
}
