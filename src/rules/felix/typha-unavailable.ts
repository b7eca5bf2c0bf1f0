import { picking, type Fact } from '../../model/evidence.ts';
import type { WorkloadEndpoint } from '../../model/calico.ts';
import type { Denial } from '../../model/denial.ts';
import type { FelixState } from '../../model/control-plane.ts';
import type { Typha, TyphaConnection } from '../../model/typha.ts';
import { isFelixGone } from '../../model/felix-gone.ts';
import { datastore, programming, typhaOf } from '../../model/resource.ts';
import { ruleWords } from '../../model/rule-words.ts';
import { unprogrammed } from '../lib/denials.ts';
import { defineRule, fail, inconclusive, notApplicable, pass } from '../../model/rule.ts';
import type { Advice, RawFinding } from '../../model/rule.ts';

/** Source: felix/daemon/daemon.go. */
const unconnected = /Failed to connect to Typha|Typha discovery enabled but discovery failed/;

type MessageId = 'stopped' | 'unconnected' | 'outdated' | 'unready' | 'behind';

/** It is Typha that is at fault, and not the way to it. */
const ofUnready: Advice = {
  who: 'a cluster administrator',
  commands: [
    'kubectl -n {namespace} describe pods -l k8s-app={name}   # why is its readiness probe not answered?',
    'kubectl -n {namespace} logs deployment/{name} --tail=100   # does Typha reach the datastore?',
    'kubectl -n {namespace} delete pods -l k8s-app={name}   # relief, if it hangs: others are made at once',
  ],
};

export const typhaUnavailable = defineRule({
  id: 'typha-unavailable',
  description:
    'Felix gets the datastore from Typha, and is not connected to it, or no pod of Typha is ready: it learns of no ' +
    'changes.',
  step: 'felix',
  requires: ['typha'],
  considers: [
    'flow',
    'felix@target',
    'felix@source',
    'felix-log@target',
    'felix-log@source',
    'denials',
    'endpoint',
    'source-endpoint',
  ],
  lacks: ['datastore/felix'],
  withholds: ['typha', 'programming'],
  advice: {
    who: 'a cluster administrator',
    commands: [
      'kubectl -n {namespace} get pods -l k8s-app={name} -o wide   # do they run, and on which nodes?',
      'kubectl -n {namespace} logs deployment/{name} --tail=100   # does Typha reach the datastore?',
      "ss -Htn '( dport = :5473 )'   # on {node}: Felix's connection to Typha; a firewall may drop TCP port 5473",
    ],
  },
  messages: {
    stopped: {
      title: 'No pod of Typha runs, so Felix on {node} gets no changes of the datastore',
      detail:
        '{name} asks for {wanted} pods. Felix on {node} has no connection to any. It keeps the rules that it has.',
    },
    unconnected: {
      title: 'Felix on {node} has no connection to Typha',
      detail: 'Typha runs on {places}. Felix on {node} logs that it cannot connect. It keeps the rules that it has.',
    },
    outdated: {
      title: 'Felix on {node} has no connection to Typha, and its rules there are outdated',
      detail:
        '{name} asks for {wanted} pods, and runs on {places}. Felix on {node} gets no changes of the datastore. ' +
        'The packet ends at {rule}: Felix has not learned of this pod, or of a change of its policies.',
    },
    unready: {
      title: 'No pod of Typha is ready, so Felix on {node} gets no changes of the datastore',
      detail:
        'Typha runs on {places}. It hangs, or does not get the datastore itself. Felix on {node} keeps the rules ' +
        'that it has.',
    },
    behind: {
      title: 'No pod of Typha is ready, and the rules of Felix on {node} are outdated',
      detail:
        'Typha runs on {places}. It hangs, or does not get the datastore itself. So Felix on {node} gets no changes. ' +
        'The packet ends at {rule}: Felix has not learned of this pod, or of a change of its policies.',
    },
  },
  judge({ typha }, considered, evidence) {
    const { flow, denials, 'felix@target': target, 'felix@source': source } = considered;
    const { namespace, name, wanted, runsOn, readyOn, connections } = typha;
    const isUnready = runsOn.length > 0 && readyOn.length === 0;
    const placeOf = (node: string) =>
      flow.status === 'observed' && flow.value.destination.node !== node ? ('source' as const) : ('target' as const);
    const saysSo = (node: string) => {
      const log: Fact<readonly string[]> = considered[`felix-log@${placeOf(node)}`];
      return log.status === 'observed' && log.value.some((line) => unconnected.test(line));
    };
    const hasEndpoint = (end: Denial['end']) => {
      const stored: Fact<WorkloadEndpoint | null> = considered[end === 'source' ? 'source-endpoint' : 'endpoint'];
      return stored.status === 'observed' && stored.value !== null;
    };
    const doubts: string[] = [];
    const gone: string[] = [];
    const findings = connections.flatMap(({ node, state, to }): RawFinding<MessageId>[] => {
      if (state === 'established' && !isUnready) {
        doubts.push(...unreadyPeer(typha, node, to));
        return [];
      }
      const felix: Fact<FelixState> = placeOf(node) === 'source' ? source : target;
      const isSaid = saysSo(node);
      // What does not run connects to nothing; and a Typha that is scaled to 0 may not be in use at all.
      if (isFelixGone(felix) || (wanted === 0 && !isSaid)) {
        gone.push(node);
        return [];
      }
      if (runsOn.length > 0 && !isSaid && !isUnready) {
        doubts.push(`${node} has no connection to Typha, and Felix there does not say why`);
        return [];
      }
      const missed = unprogrammed(denials, node, hasEndpoint);
      return [
        {
          message: isUnready ? (missed ? 'behind' : 'unready') : missed ? 'outdated' : whyNot(runsOn),
          ...(isUnready ? { advice: ofUnready } : {}),
          data: {
            namespace,
            name,
            node,
            wanted: String(wanted),
            places: runsOn.join(', ') || 'no node',
            rule: missed ? ruleWords(missed.rule) : '',
          },
          subject: { kind: 'Node', name: node },
          node,
          proof: 'read',
          evidence: [
            ...evidence('typha'),
            ...picking(evidence(`felix-log@${placeOf(node)}`), unconnected),
            ...(missed?.evidence ?? []),
          ],
          stopsFlow: missed !== null,
          lacks: [datastore('felix', node)],
          withholds: [typhaOf(node), programming(node)],
        },
      ];
    });
    if (findings.length > 0) return fail(...findings);
    if (doubts.length > 0) return inconclusive(doubts.join('; '));
    if (connections.length === 0) return inconclusive("the connections of the flow's nodes to Typha were not read");
    return gone.length > 0
      ? notApplicable(`${gone.join(' and ')} needs no connection to Typha now`)
      : pass(`Felix on the nodes of the flow is connected to Typha${placesOf(connections)}`);
  },
});

function whyNot(runsOn: readonly string[]): 'stopped' | 'unconnected' {
  return runsOn.length === 0 ? 'stopped' : 'unconnected';
}

/** What is not known where some Typhas are ready: is the one that feeds the node's Felix? */
function unreadyPeer({ runsOn, readyOn }: Typha, node: string, to: readonly string[]): readonly string[] {
  const others = runsOn.filter((one) => !readyOn.includes(one));
  const fed = to.length > 0 ? to.filter((one) => others.includes(one)) : others;
  if (fed.length === 0 || to.some((one) => readyOn.includes(one))) return [];
  const unready = fed.join(', ');
  return [
    to.length > 0
      ? `Felix on ${node} is connected to the Typha on ${unready}, which is not ready: it may learn of no changes`
      : `Felix on ${node} is connected to a Typha, and I cannot tell to which; that on ${unready} is not ready`,
  ];
}

function placesOf(connections: readonly TyphaConnection[]): string {
  const places = [...new Set(connections.flatMap(({ to }) => to))].toSorted();
  return places.length > 0 ? ` on ${places.join(' and ')}` : '';
}
