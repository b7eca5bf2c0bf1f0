import type { Fact } from '../../model/evidence.ts';
import type { FelixOfPod } from '../../model/fix-inputs.ts';
import type { FelixState } from '../../model/control-plane.ts';
import type { Denial } from '../../model/denial.ts';
import type { PacketWalk } from '../../model/flow-walk.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type RawFinding } from '../../model/rule.ts';
import { datastore, nodeName, nodeRules, programming, typhaOf } from '../../model/resource.ts';
import { calicoNodeLog, partsData, restartFelix } from '../lib/calico-parts.ts';
import { isOutdated } from '../lib/denials.ts';
import { felixButton, podOn } from '../lib/felix-button.ts';
import { whyNotLive } from '../lib/felix-live.ts';
import { ruleWords } from '../../model/rule-words.ts';
import { isDenied } from '../../model/denied-walk.ts';
import { walkEvidence } from '../../model/walk-evidence.ts';

export const felixRulesStale = defineRule({
  id: 'felix-rules-stale',
  description: 'Felix runs, but its rules drop a packet that the datastore allows, also 10 s later.',
  step: 'felix',
  requires: ['flow', 'denials', 'expected-decisions'],
  considers: ['later-walks', 'felix@target', 'felix@source', 'install', 'datastore-kind', 'calico-node-access'],
  lacks: ['datastore/felix', 'typha', 'nodeRules', 'nodeName'],
  withholds: ['programming'],
  fix: 'restart-felix',
  // A Felix that starts anew has the same settings.
  fixNeeds: ['nodeName'],
  advice: {
    who: 'the owner of node {node}',
    commands: [
      `${calicoNodeLog(200)}   # why does Felix wait?`,
      `${restartFelix}   # restarts Felix alone; BIRD and its routes stay`,
    ],
  },
  messages: {
    stale: {
      title: 'The rules of Felix on {node} are outdated',
      detail: 'The packet ends at {rule}, also 10 s later. The datastore allows it: {by}. {felix}',
    },
  },
  judge(
    { flow, denials, 'expected-decisions': decisions },
    {
      'later-walks': later,
      'felix@target': target,
      'felix@source': source,
      install,
      'datastore-kind': home,
      'calico-node-access': access,
    },
    evidence,
  ) {
    const outdated = denials.denied.filter(isOutdated);
    if (outdated.length === 0) {
      const open = decisions.find(({ decision }) => decision === 'unknown');
      return open
        ? inconclusive(`${open.node} drops the packet, and the datastore could not be compared: ${open.by}`)
        : pass('the rules of the node match the datastore');
    }
    const findings: RawFinding<'stale', FelixOfPod>[] = [];
    const others: string[] = [];
    const doubts: string[] = [];
    for (const denial of outdated) {
      const { node } = denial;
      const key = node === flow.destination.node ? 'felix@target' : 'felix@source';
      const felix = key === 'felix@target' ? target : source;
      if (felix.status === 'unavailable' && felix.code !== 'no-answer')
        doubts.push(
          `${node} drops the packet, the datastore allows it, and Felix could not be checked: ${felix.reason}`,
        );
      else if (felix.status === 'observed' && whyNotLive(felix.value)) others.push(`Felix is not live on ${node}`);
      else if (later.status === 'unavailable')
        doubts.push(
          `${node} drops the packet, the datastore allows it, and the second check did not run: ${later.reason}`,
        );
      else if (decisionLater(laterOf(denial, later.value)) === 'accept')
        others.push(`10 s later ${node} allows it: Felix was just programming it`);
      else if (decisionLater(laterOf(denial, later.value)) === null)
        doubts.push(`${node} drops the packet, the datastore allows it, and the second check is not certain`);
      else {
        findings.push({
          message: 'stale',
          data: {
            ...partsData(install),
            node,
            rule: ruleWords(denial.rule),
            by: denial.expected?.by ?? '',
            felix: healthWords(felix),
          },
          subject: { kind: 'Node', name: node },
          node,
          proof: 'read',
          evidence: [
            ...evidence('expected-decisions'),
            ...denial.evidence,
            ...[laterOf(denial, later.value)].flatMap((walk) =>
              walk ? walkEvidence(walk, evidence('later-walks')) : [],
            ),
            ...evidence(key),
          ],
          stopsFlow: denial.stopsFlow,
          lacks: [datastore('felix', node), typhaOf(node), nodeRules(node), nodeName(node)],
          withholds: [programming(node)],
          ...felixButton(podOn(flow, node), { home, access }),
        });
      }
    }
    if (findings.length > 0)
      return fail(...findings.filter((one, at) => findings.findIndex(({ node }) => node === one.node) === at));
    return doubts.length > 0 ? inconclusive(doubts.join('; ')) : notApplicable(others.join('; '));
  },
});

function laterOf({ leg, node }: Denial, later: readonly PacketWalk[]): PacketWalk | null {
  return later.find((walk) => walk.leg === leg && walk.node === node) ?? null;
}

/** null: it was not walked again, or not to a certain end. */
function decisionLater(walk: PacketWalk | null): 'accept' | 'denied' | null {
  if (!walk) return null;
  return isDenied(walk) ? 'denied' : walk.result.decision === 'accept' ? 'accept' : null;
}

/** A process of its own is there in both cases: whether it hangs, its health port alone does not prove. */
function healthWords(felix: Fact<FelixState>): string {
  return felix.status === 'observed'
    ? `Felix runs and answers ${felix.value.liveness} on its liveness port.`
    : `${felix.reason}.`;
}
