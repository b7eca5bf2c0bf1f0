import { affectedNote } from './affected-note.ts';
import type { Evaluation } from './evaluate.ts';
import { flowNotes } from './flow-notes.ts';
import type { Gathering } from './gather.ts';
import type { FoundFinding } from '../model/verdict.ts';
import { answererNotes } from './answerer-notes.ts';
import { arpNotes } from './arp-note.ts';
import { ownSourceNote } from './own-source-note.ts';
import { podDropsNotes } from './pod-drops-note.ts';
import { poolNote } from './pool-note.ts';
import { queueNotes } from './queue-note.ts';
import { serviceNote } from './service-note.ts';
import { sharedNote } from './shared-note.ts';
import { lossNotes } from './loss-note.ts';
import { nodePairNote } from './node-pair-note.ts';
import { operatorNote } from './operator-note.ts';
import { statementNotes } from './statement-notes.ts';
import { strangersNote } from './strangers-note.ts';
import { triedNotes } from './tried-notes.ts';
import { unreadRulesNote } from './unread-rules-note.ts';
import { waitingNote } from './waiting-note.ts';

/** Resolves to what a person should know beside the findings, in the order in which the verdict tells it. */
export async function notesOf(
  gathering: Gathering,
  evaluations: readonly Evaluation[],
  roots: readonly FoundFinding[],
  cluster: string,
): Promise<readonly string[]> {
  const parts = await Promise.all([
    flowNotes(gathering, cluster),
    gathering.fact('also-affected').then(affectedNote),
    sharedNote(gathering, evaluations, roots),
    triedNotes(gathering),
    podDropsNotes(gathering),
    answererNotes(gathering),
    ownSourceNote(gathering),
    poolNote(gathering),
    arpNotes(gathering),
    queueNotes(gathering, evaluations),
    waitingNote(gathering),
    nodePairNote(gathering),
    lossNotes(gathering, roots),
    serviceNote(gathering, roots),
    unreadRulesNote(gathering),
    gathering.fact('controller').then(strangersNote),
    gathering.fact('install').then(operatorNote),
  ]);
  return [
    ...statementNotes(evaluations),
    ...parts.flat(),
    ...(gathering.usedMemory()
      ? ['The API server does not answer. The location of the pod is from an earlier run, and may have changed.']
      : []),
  ];
}
