import type { SizedWay } from '../../model/path-sizes.ts';
import type { SizedAnswer } from '../parse/sized-ping.ts';

/** Sends one ping of a whole IP packet of so many bytes. */
export type SendSized = (bytes: number) => Promise<SizedAnswer>;

export type SizeResult = Pick<SizedWay, 'full' | 'passed' | 'lost' | 'told' | 'samples' | 'unsteady'>;

/** A packet that every path takes: a ping of 56 bytes, as people send it. */
const small = 84;
/** How often a way may be told a smaller size before it is given up. */
const mostTold = 3;
/** Pings of a round, sent at once, and how many rounds there are: enough to tell every size up to 9,000 bytes. */
const atOnce = 7;
const mostRounds = 5;
/** A size counts as lost, or as passed, only after so many. */
const enough = 3;

/** @throws LookError-like reasons as `error` answers: the way was not tried */
export class NotSent extends Error {}

/**
 * The first try of a way: one full-sized packet. Where a hop says what the most is, the same again of that size.
 * @throws NotSent where ping itself fails
 */
export async function tryFull(send: SendSized, needed: number): Promise<SizeResult> {
  let full = needed;
  let told: number | null = null;
  for (let nth = 0; nth <= mostTold; nth += 1) {
    const answer = await send(full);
    if (answer.got === 'error') throw new NotSent(answer.why);
    if (answer.got === 'reply')
      return { full, passed: full, lost: null, told, samples: { passed: 1, lost: 0 }, unsteady: false };
    if (answer.got === 'nothing' || answer.most >= full || answer.most <= small)
      return { full, passed: null, lost: full, told, samples: { passed: 0, lost: 1 }, unsteady: false };
    told = answer.most;
    full = answer.most;
  }
  return { full, passed: null, lost: full, told, samples: { passed: 0, lost: 1 }, unsteady: false };
}

/**
 * The size at which packets begin to be lost, of a way on which a full-sized one was: small and full-sized packets
 * again, then the sizes between, several at once, until two neighbours are known. Ends early where the size does not
 * decide.
 * @throws NotSent where ping itself fails
 */
export async function findSize(send: SendSized, first: SizeResult): Promise<SizeResult> {
  const answered: number[] = [];
  const silent: number[] = first.lost === null ? [] : [first.lost];
  let told = first.told;
  const sendAll = async (sizes: readonly number[]) => {
    const answers = await Promise.all(sizes.map(async (size) => ({ size, answer: await send(size) })));
    for (const { size, answer } of answers) {
      if (answer.got === 'error') throw new NotSent(answer.why);
      if (answer.got === 'reply') answered.push(size);
      else silent.push(size);
      if (answer.got === 'too-big') told = Math.min(told ?? answer.most, answer.most);
    }
  };
  const result = (): SizeResult => {
    const passed = answered.length === 0 ? null : Math.max(...answered);
    const lost = silent.length === 0 ? null : Math.min(...silent);
    return {
      full: first.full,
      passed,
      lost,
      told,
      samples: { passed: answered.length, lost: silent.length },
      unsteady: passed !== null && lost !== null && passed >= lost,
    };
  };
  const { full } = first;
  await sendAll([...again(small, enough), ...again(full, enough - 1)]);
  for (let round = 0; round < mostRounds; round += 1) {
    const { passed, lost, unsteady } = result();
    if (passed === null || lost === null || unsteady || lost - passed === 1) break;
    await sendAll(between(passed, lost));
  }
  const { passed, lost, unsteady } = result();
  // What decides is tried again: one packet may be lost by chance.
  if (passed !== null && lost !== null && !unsteady && passed > small)
    await sendAll([...again(passed, 1), ...again(lost, enough - 1)]);
  return result();
}

/**
 * Whether a way has the size that was found on another: both neighbours again, at once. Where it has not, its own is
 * searched for.
 * @throws NotSent where ping itself fails
 */
export async function confirmSize(
  send: SendSized,
  first: SizeResult,
  found: { readonly passed: number; readonly lost: number },
): Promise<SizeResult> {
  const sendTo = async (size: number) => Promise.all(Array.from({ length: enough }, () => send(size)));
  const [answers, lost] = await Promise.all([sendTo(found.passed), sendTo(found.lost)]);
  const failed = [...answers, ...lost].find(({ got }) => got === 'error');
  if (failed?.got === 'error') throw new NotSent(failed.why);
  const has = answers.every(({ got }) => got === 'reply') && lost.every(({ got }) => got === 'nothing');
  if (!has) return findSize(send, first);
  return { ...first, ...found, samples: { passed: enough, lost: enough + first.samples.lost }, unsteady: false };
}

function again(size: number, times: number): readonly number[] {
  return Array.from({ length: times }, () => size);
}

/** Sizes between two, evenly; all where they are few. */
function between(passed: number, lost: number): readonly number[] {
  const gap = lost - passed;
  if (gap - 1 <= atOnce) return Array.from({ length: gap - 1 }, (_, at) => passed + 1 + at);
  return Array.from({ length: atOnce }, (_, at) => passed + Math.round((gap * (at + 1)) / (atOnce + 1)));
}
