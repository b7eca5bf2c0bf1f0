import type { Gathering } from '../probes/gather.ts';
import { flowAnswered } from '../rules/flow-answered.ts';

export interface FlowOutcome {
  /** The asked flow got an answer (true), got none (false), or was not tried (null). */
  readonly works: boolean | null;
  readonly notes: readonly string[];
}

export async function flowOutcome(gathering: Pick<Gathering, 'fact'>): Promise<FlowOutcome> {
  const [flow, reachability] = await Promise.all([gathering.fact('flow'), gathering.fact('reachability')]);
  const notes = flow.status === 'observed' ? flow.value.refusedByDesign.map(({ source, policy }) => `${source} is refused by policy ${policy}, which admits others: by design, not a fault.`) : [];
  return { works: flowAnswered(reachability), notes };
}
