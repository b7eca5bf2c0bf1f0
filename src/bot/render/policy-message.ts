import type { PodPolicies, PodPolicy } from '../../model/pod-policies.ts';
import type { AskedAnswer, PolicyReport } from '../../model/policy-report.ts';
import type { MessageBlock, MessageContent } from '../../model/thread.ts';
import { context, message, section } from './blocks.ts';
import { clusterOption, inCluster } from './names.ts';
import { bold, clip, codeWords, join, nothing, rich, type Rich } from './rich.ts';

type Direction = 'ingress' | 'egress';
const titles = { ingress: 'Who may reach the pod', egress: 'Whom the pod may reach' } as const;
const shown = { policies: 6, rules: 4 } as const;

/** What the datastore says of a pod's policies, for the person who asked: the answer first. */
export function policyMessage({ cluster, pod, answer, policies, unread }: PolicyReport): MessageContent {
  const [where, option] = [inCluster({ cluster }), clusterOption({ cluster })];
  const shownPod = rich`${bold(clip(pod, 320))}${where}`;
  const head = answer ? answerWords(shownPod, answer) : rich`Policies that select ${shownPod}`;
  const text = answer
    ? `${decisions[answer.decision]}: ${answer.from} to ${pod} on ${answer.port}${option}`
    : `Policies of ${pod}${option}`;
  return message(text, [
    [section(head)],
    ...(policies
      ? (['ingress', 'egress'] as const).flatMap((direction) => directionBlocks(policies, direction))
      : [[section(rich`:white_circle: Inconclusive: the policies could not be read: ${clip(unread ?? '', 400)}.`)]]),
    [context(rich`This is what the datastore says; no node was asked. Next: ${codeWords(`diagnose ${pod}${option}`)}`)],
  ]);
}

const decisions = { allow: 'Allowed', deny: 'Denied', unknown: 'Unknown' } as const;
const marks = {
  allow: rich`:large_green_circle:`,
  deny: rich`:red_circle:`,
  unknown: rich`:white_circle:`,
} as const;

function answerWords(pod: Rich, { from, port, decision, ingress, egress, unread }: AskedAnswer): Rich {
  const flow = rich`${clip(from, 320)} reach ${pod} on ${port}`;
  const heads = {
    allow: rich`The policies let ${flow}.`,
    deny: rich`The policies do not let ${flow}.`,
    unknown: rich`I cannot tell whether the policies let ${flow}.`,
  };
  const lines = [
    ...(egress ? [rich`At the source: ${clip(egress.by, 500)}.`] : []),
    ...(ingress ? [rich`At the pod: ${clip(ingress.by, 500)}.`] : []),
    ...(unread ? [rich`Not checked: ${clip(unread, 300)}.`] : []),
  ];
  return join([rich`${marks[decision]} ${heads[decision]}`, ...lines], rich`\n`);
}

function directionBlocks(
  { policies, ...ends }: PodPolicies,
  direction: Direction,
): readonly (readonly MessageBlock[])[] {
  const theirs = policies.filter((policy) => policy[direction] !== null);
  const lines = theirs.slice(0, shown.policies).flatMap((policy) => [nameOf(policy), ...ruleLines(policy, direction)]);
  const more = theirs.length > shown.policies ? [rich`… and ${theirs.length - shown.policies} more policies`] : [];
  const otherwise = ends[direction].tiers.some((tier) => tier.otherwise === 'deny')
    ? rich`Everything else is denied.`
    : theirs.length === 0
      ? rich`No policy selects it: its profiles decide.`
      : nothing;
  return [
    [section(join([bold(titles[direction]), ...lines, ...more, ...(otherwise.empty ? [] : [otherwise])], rich`\n`))],
  ];
}

function nameOf({ kind, namespace, name, doubt }: PodPolicy): Rich {
  const place = namespace === null ? name : `${namespace}/${name}`;
  const perhaps = doubt === null ? nothing : rich` (unknown whether it applies: ${clip(doubt, 120)})`;
  return rich`• ${bold(clip(`${kind} ${place}`, 300))}${perhaps}`;
}

function ruleLines(policy: PodPolicy, direction: Direction): readonly Rich[] {
  const rules = policy[direction] ?? [];
  if (rules.length === 0) return [rich`   allows nothing`];
  const more = rules.length > shown.rules ? [rich`   … and ${rules.length - shown.rules} more rules`] : [];
  return [
    ...rules
      .slice(0, shown.rules)
      .map(({ number, action, matches }) => rich`   ${number}. ${action} ${clip(matches, 240)}`),
    ...more,
  ];
}
