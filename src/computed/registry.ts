import type { ComputedFact } from '../model/computed.ts';
import { denials } from './denials.ts';
import { expectedDecisions } from './expected-decisions.ts';
import { flowOutcome } from './flow-outcome.ts';
import { flow } from './flow.ts';
import { laterWalks } from './later-walks.ts';
import { podInterface } from './pod-interface.ts';
import { walks } from './walks.ts';

/** Every computed fact. Order does not matter: each is worked out when it is asked for. */
export const computed: readonly ComputedFact[] = [
  flow,
  flowOutcome,
  walks,
  expectedDecisions,
  laterWalks,
  denials,
  podInterface,
];
