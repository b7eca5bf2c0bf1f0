import type { AnsweredPart } from './flow-state.ts';
import type { Verdict } from './verdict.ts';

/** What a verdict says first: two answers that are told apart. */
export interface Headline {
  /** Of the asked flow, on every port that was asked about. `no`: a test failed, or a cause was read that stops it. */
  readonly reachable: 'yes' | 'no' | 'unknown';
  /** At least one cause of the asked flow's failure was found. */
  readonly causeFound: boolean;
  /** Both in one line. */
  readonly text: string;
}

type Judged = Pick<Verdict, 'verdict' | 'flow' | 'roots' | 'latent' | 'blindSpots' | 'target' | 'answeredPart'>;

const states: Readonly<Record<Headline['reachable'], string>> = {
  yes: 'REACHABLE',
  no: 'UNREACHABLE',
  unknown: 'NOT KNOWN whether reachable',
};

export function headlineOf(verdict: Judged): Headline {
  const reachable = reachableOf(verdict);
  const causeFound = verdict.roots.length > 0;
  return { reachable, causeFound, text: `${stateWords(verdict, reachable)}${besideWords(verdict, reachable)}` };
}

/** As `--json` prints it. */
export function withHeadline(verdict: Verdict): Verdict & { readonly headline: Headline } {
  return { ...verdict, headline: headlineOf(verdict) };
}

/** A cause that was only inferred makes nothing certain where nothing was sent, and neither does a remembered place. */
function reachableOf({ verdict, flow, roots }: Judged): Headline['reachable'] {
  if (flow !== 'unknown') return flow === 'works' ? 'yes' : 'no';
  return verdict === 'fault' && roots.some(({ proof }) => proof !== 'inferred') ? 'no' : 'unknown';
}

function stateWords(verdict: Judged, reachable: Headline['reachable']): string {
  // Test packets begin connections of their own: what stops a flow that answers them stops those from before.
  if (reachable === 'yes' && verdict.roots.length > 0) return 'REACHABLE by new connections';
  if (!verdict.answeredPart) return states[reachable];
  if (verdict.answeredPart === 'small-packets') return 'REACHABLE by small packets only';
  if (verdict.answeredPart === 'some-packets') return 'REACHABLE AT TIMES';
  if (verdict.answeredPart === 'handshake') return 'REACHABLE by handshakes only';
  const rest = rests[verdict.answeredPart];
  return `REACHABLE on ${verdict.target.port}, ${reachable === 'unknown' ? rest.unchecked : rest.silent}`;
}

/** What is said of the rest, where a part answers. */
const rests: Readonly<
  Record<
    Exclude<AnsweredPart, 'small-packets' | 'some-packets' | 'handshake'>,
    Readonly<Record<'silent' | 'unchecked', string>>
  >
> = {
  'judged-port': { silent: 'not on every port', unchecked: 'other ports not checked' },
  'judged-pod': { silent: 'not at every pod', unchecked: 'other pods not checked' },
};

function besideWords(verdict: Judged, reachable: Headline['reachable']): string {
  const { roots, latent, blindSpots } = verdict;
  const [first, ...others] = roots;
  if (first) return others.length === 0 ? `, cause found: ${first.title}` : `, ${roots.length} causes found`;
  if (reachable === 'unknown' && verdict.answeredPart) return '';
  if (reachable === 'unknown' && blindSpots.length > 0) return ', some checks did not run';
  if (reachable !== 'yes') return ', cause not found';
  if (latent.length > 0) return ', other faults found';
  return verdict.verdict === 'healthy' ? '' : ', some checks did not run';
}
