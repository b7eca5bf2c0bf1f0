/** Faults that are broken at once, and what a diagnosis must say of them by the faults' own data. */
import type { BrokenCase } from '../lab/faults/broken-cases.ts';
import { addresses } from '../lab/topology.ts';
import { stations, type Beside, type Judgement } from '../lab/faults/fault.ts';

/** Ids of rules that a diagnosis must name, and those that it may name beside them. */
export interface ExpectedIds {
  /** As causes. */
  readonly roots: readonly string[];
  /** As other faults, or as causes. */
  readonly latent: readonly string[];
  /** Causes that cannot be seen behind another fault: right where they are named, not missing where they are not. */
  readonly hidden: readonly string[];
}

/** A case with what is known of it beside others. */
export type Combinable = BrokenCase & { readonly beside: Beside };

/** What combinations are asked about: the usual pod, the new one that some faults are about, and a host outside. */
const askedAbout: readonly string[] = [
  'default/mypod',
  'default/newpod',
  `default/client --to outside:${addresses.outside}`,
];

/** Can it be broken beside others, and does one of the questions show it? */
export function isCombinable(one: BrokenCase): one is Combinable {
  return one.beside !== null && one.expects.verdict === 'fault' && askedAbout.includes(one.expects.asks.join(' '));
}

/** Returns what is asked about the faults: the usual pod, and what one of them is about. */
export function asksOf(cases: readonly BrokenCase[]): readonly string[] {
  return askedAbout.filter((about, at) => at === 0 || cases.some(({ expects }) => expects.asks.join(' ') === about));
}

const spares = (a: Beside, b: Beside) => a.takes.every((part) => !b.takes.includes(part) && !b.needs.includes(part));

/** Does each leave alone what the other changes or needs? */
export function goTogether(one: Combinable, other: Combinable): boolean {
  return one.fault !== other.fault && spares(one.beside, other.beside) && spares(other.beside, one.beside);
}

/** Numbers from 0 to 1 that follow from a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Returns some of the items in a random order. */
export function sample<T>(items: readonly T[], count: number, random: () => number): readonly T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .slice(0, count)
    .map(({ item }) => item);
}

/** Every set of `size` cases that go together, in the order of the catalogue. */
export function combinations(cases: readonly Combinable[], size: number): readonly (readonly Combinable[])[] {
  if (size === 0) return [[]];
  return cases.flatMap((first, at) => {
    const rest = cases.slice(at + 1).filter((other) => goTogether(first, other));
    return combinations(rest, size - 1).map((others) => [first, ...others]);
  });
}

/**
 * What a diagnosis must say of faults that are broken at once. Of a fault that is about something else, a diagnosis of
 * a pod must name what it says of any pod, and each may name the rest.
 * @param about arguments of `diagnose`, one of `asksOf`
 */
export function expectedOf(cases: readonly BrokenCase[], about = 'default/mypod'): ExpectedIds {
  const roots = new Set<string>();
  const latent = new Set<string>();
  const hidden = new Set<string>();
  for (const one of cases) {
    const said = judgementOf(one, about);
    for (const id of said?.latent ?? (about.includes(' --to ') ? [] : (one.beside?.ofAnyPod ?? []))) latent.add(id);
    const others = cases.filter((other) => other !== one);
    const kept = new Set(others.flatMap(({ beside }) => beside?.hides ?? []));
    for (const root of (said ?? one.expects).roots)
      (said === null || isShadowed(one, others) || kept.has(root) ? hidden : roots).add(root);
  }
  return {
    roots: [...roots].toSorted(),
    latent: [...latent].filter((id) => !roots.has(id)).toSorted(),
    hidden: [...hidden].filter((id) => !roots.has(id) && !latent.has(id)).toSorted(),
  };
}

/** What a diagnosis says of a fault that is broken alone; null: the fault does not tell. */
function judgementOf({ expects }: BrokenCase, about: string): Judgement | null {
  return [expects, ...expects.others].find(({ asks }) => asks.join(' ') === about) ?? null;
}

/** Does no packet come to it, of those that would show it? */
function isShadowed(one: BrokenCase, others: readonly BrokenCase[]): boolean {
  if (!one.beside || one.beside.shownBy === 'state') return false;
  const ends = others.flatMap(({ beside }) => beside?.endsAt ?? []);
  if (one.beside.shownBy === 'working-flow') return ends.length > 0;
  const own = stations.indexOf(one.beside.endsAt ?? 'source-node');
  return ends.some((station) => stations.indexOf(station) < own);
}
