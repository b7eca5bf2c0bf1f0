import type { JudgedWay } from '../../model/judged-way.ts';
import { defineRule, fail, type Advice, type RawFinding } from '../../model/rule.ts';
import { returnRoute, type Resource } from '../../model/resource.ts';
import { routeText } from '../../model/routes.ts';
import { poolOf } from '../../calico/pool-of.ts';
import { loopOf } from '../lib/routing-loop.ts';
import { noneOf, packetWords, takenWords, waysOfClass, wayOfLeg } from '../lib/wrong-ways.ts';

/** Before every rule but the kernel's own, where it is not known which one diverts the packet. */
const firstPriority = '1';

export const routingRuleDiverts = defineRule({
  id: 'routing-rule-diverts',
  description:
    'A routing rule of a node (a VPN client, another uplink) sends a packet of the flow to another table than ' +
    'main, or drops it. Or no rule leads to main.',
  step: 'routes',
  requires: ['judged-ways'],
  considers: ['flow-outcome', 'path-capture', 'pools', 'flow'],
  withholds: ['way', 'returnRoute'],
  advice: {
    who: 'the owner of node {node}',
    commands: [
      'ip rule show',
      'ip route show table {table}',
      'ip rule add pref {before} to {network} lookup main   # the exception; add it where the rule comes from, ' +
        'or it is gone after a restart',
    ],
  },
  messages: {
    diverts: {
      title: 'Routing rule {priority} of {node} sends {packet} to {device}',
      detail:
        'The rule is "{selector}". Its table {table} takes the packet by "{taken}" and has no exception for ' +
        '{address}. The main table has the right route: "{expected}".{refused}{loop}',
    },
    unled: {
      title: 'No routing rule of {node} leads {packet} to the table main',
      detail:
        'The kernel says "{words}", and no table to which a rule leads has a route. The main table has the right ' +
        'one: "{expected}". Every node has the rule "32766: from all lookup main" until somebody removes it.',
    },
    drops: {
      title: 'Routing rule {priority} of {node} drops {packet}',
      detail: 'The rule is "{selector}", and it ends at "{taken}". The main table has the right route: "{expected}".',
    },
  },
  judge({ 'judged-ways': judged }, { 'flow-outcome': outcome, 'path-capture': capture, pools, flow }) {
    const diverted = waysOfClass(judged, 'diverted', { outcome, capture });
    // One rule diverts several packets of a flow: it is told once a node, and withholds the way of each.
    const keys = [...new Set(diverted.map(keyOf))];
    const findings = keys.map((key): RawFinding<'diverts' | 'drops' | 'unled'> => {
      const all = diverted.filter((one) => keyOf(one) === key);
      const [first] = all as [JudgedWay];
      const { way, rule, expected, device, table } = first;
      const loop = flow.status === 'observed' ? loopOf(first, judged, flow.value) : null;
      // An exception for every pod, not for this one alone.
      const pool = pools.status === 'observed' ? poolOf(pools.value, way.destination) : null;
      const priority = rule ? String(rule.priority) : '?';
      return {
        message: isUnled(first) ? 'unled' : device === null ? 'drops' : 'diverts',
        data: {
          node: way.node,
          words: wordsOf(first),
          priority,
          packet: packetWords(first),
          address: way.destination,
          device: device ?? '',
          selector: rule?.text ?? `lookup ${table ?? '?'}`,
          table: table ?? 'all',
          taken: rule && first.taken === null && device === null ? rule.action.kind : takenWords(first),
          expected: expected ? routeText(expected) : '',
          network: pool?.spec.cidr ?? expected?.destination ?? way.destination,
          refused: all.some(isStopping) ? '' : ` The kernel does not take the packet: it says "${wordsOf(first)}".`,
          loop: loop?.words ?? '',
          before: rule ? String(Math.max(1, rule.priority - 1)) : firstPriority,
        },
        subject: { kind: 'Rule', name: isUnled(first) ? 'ip rule' : `ip rule ${priority}` },
        node: way.node,
        proof: 'read',
        evidence: [...all.flatMap(({ way: { evidence } }) => evidence), ...(loop?.evidence ?? [])],
        stopsFlow: all.some(isStopping),
        withholds: [...all.map(wayOfLeg), ...all.flatMap(backOf)],
        ...(isUnled(first) ? { advice: ofUnled } : {}),
      };
    });
    return findings.length > 0
      ? fail(...findings)
      : noneOf(judged, 'no routing rule leads a packet of the flow away from its way in the main table');
  },
});

/** What comes from there is refused where the rule leads its way back elsewhere: that has no interface of entry yet. */
function backOf({ way: { node, destination }, rule }: JudgedWay): readonly Resource[] {
  return rule?.inInterface == null ? [returnRoute(node, destination)] : [];
}

function wordsOf({ way: { answer } }: JudgedWay): string {
  return answer.kind === 'refused' ? answer.words : '';
}

/** A packet that the kernel refuses is not led away: why it does so stops the flow. */
function isStopping({ way: { answer }, device }: JudgedWay): boolean {
  return answer.kind === 'route' || device === null;
}

/** No rule decides: none leads to a route. */
function isUnled({ rule, table }: JudgedWay): boolean {
  return rule === null && table === null;
}

const ofUnled: Advice = {
  who: 'the owner of node {node}',
  commands: [
    'ip rule show   # is "from all lookup main" missing?',
    'ip rule add pref 32766 lookup main   # unless somebody left it out on purpose; then a rule for {network}',
  ],
};

function keyOf({ way: { node }, rule, table }: JudgedWay): string {
  return `${node} ${rule?.priority ?? table}`;
}
