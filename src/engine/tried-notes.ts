import { isCalicoChain } from '../calico/chain-names.ts';
import type { Denial } from '../model/denial.ts';
import { sameRule } from '../model/denied-walk.ts';
import type { Fact } from '../model/evidence.ts';
import type { FlowEnd } from '../model/flow.ts';
import type { PacketWalk, RewrittenSource } from '../model/flow-walk.ts';
import type { Link } from '../model/network.ts';
import type { RoutingPolicy, RoutingRule } from '../model/routing-policy.ts';
import type { FlowPort } from '../model/target.ts';
import { listRule, toSeeRise } from '../model/list-rule.ts';
import { changedNotes } from './changed-notes.ts';
import type { Gathering } from './gather.ts';

/** Rules that are named; more are told by their number. */
const named = 3;
/** The last user id that there is. */
const lastUser = 0xffff_fffe;

/**
 * Returns what the test packets do not show: rules that drop by what no rule set tells, a source address that answers
 * may not find, answers that connection tracking does not see, and routing rules that read which user sends.
 */
export async function triedNotes(gathering: Pick<Gathering, 'fact'>): Promise<readonly string[]> {
  const [flow, outcome] = await Promise.all([gathering.fact('flow'), gathering.fact('tried-outcome')]);
  if (flow.status === 'unavailable') return [];
  const { source, destination } = flow.value;
  const [target, from] = await Promise.all([
    gathering.fact('routing@target'),
    source.node === destination.node ? gathering.fact('routing@target') : gathering.fact('routing@source'),
  ]);
  const works = outcome.status === 'observed' && outcome.value.judgedPort === 'works';
  const [walked, denials, links] = await Promise.all([
    gathering.fact('walks'),
    gathering.fact('denials'),
    gathering.fact('links@source'),
  ]);
  const walks = walked.status === 'observed' ? walked.value : [];
  const denied = denials.status === 'observed' ? denials.value.denied : [];
  const strange = works || links.status === 'unavailable' ? [] : strangeSources(walks, links.value);
  return [
    ...notesOfDrops(walks, works ? flow.value.port : null, denied),
    ...(source.node === null ? [] : notesOfSources(strange, source.node)),
    ...changedNotes(walks, works, (node, now) => node === source.node && strange.some((one) => one.now === now)),
    ...new Set([...notesOfUsers(source, from), ...notesOfUsers(destination, target)]),
  ];
}

/**
 * A rule that drops by what no rule set tells, or that drops the rest behind such a rule: where the test packets
 * passed, it may drop the next ones.
 * @param passed of the test packets; null: they did not pass, and whether this rule ended them is not known
 * @param denied what counters decided is a finding
 */
function notesOfDrops(
  walks: readonly PacketWalk[],
  passed: FlowPort | null,
  denied: readonly Denial[],
): readonly string[] {
  const drops = new Map<string, { readonly words: string; readonly show: string }>();
  for (const { node, result } of walks) {
    if (result.decision !== 'unknown') continue;
    for (const { decision, rule, assumed } of result.ends) {
      const doubts = assumed.filter(({ askDatastore }) => !askDatastore);
      const own = doubts.find((one) => one.rule === rule?.text);
      const [doubt] = own ? [own] : doubts;
      if (denied.some((one) => one.node === node && sameRule(one.rule, rule))) continue;
      if (decision === 'accept' || !rule || !doubt || isCalicoChain(rule.chain)) continue;
      const why = `${own ? '' : `behind ${doubt.rule}: `}${doubt.why.replace(/; taken (?:not )?to match$/, '')}`;
      drops.set(`${node}: ${rule.text}`, {
        words: `${node}: ${rule.text} (${why})`,
        show: toSeeRise(listRule(rule), node),
      });
    }
  }
  const told = [...drops.values()];
  const [first] = told;
  if (!first) return [];
  const words = told.map((one) => one.words);
  const more = told.length > named ? `, and ${told.length - named} more` : '';
  const tried =
    passed?.protocol === 'tcp' ? 'connections were opened, and no data was sent' : 'a few small packets were sent';
  return [
    `Rules outside Calico can drop packets of this flow: ${words.slice(0, named).join(', ')}${more}. ` +
      (passed
        ? `The test packets passed: ${tried}.`
        : `The rule sets do not say whether they ended the test packets. To see it, ${first.show}.`),
  ];
}

/** The source addresses that the source's node gives to the packets, and that it does not have. */
function strangeSources(walks: readonly PacketWalk[], links: readonly Link[]): readonly RewrittenSource[] {
  const own = new Set(links.flatMap(({ addresses }) => addresses.map(({ address }) => address)));
  return walks.flatMap(({ rewritten }) => (rewritten === null || own.has(rewritten.now) ? [] : [rewritten]));
}

/** Answers go to the address that the packet arrives with. A node gets those to its own addresses for certain. */
function notesOfSources(strange: readonly RewrittenSource[], node: string): readonly string[] {
  return strange.map(
    ({ now, by }) =>
      `${node} gives the packets the source address ${now}${by === null ? '' : ` (${by})`}, and has no such address. ` +
      `Answers to ${now} come back to ${node} only if the network leads them there. To do next on ${node}: ` +
      `tcpdump -p -ni any host ${now}`,
  );
}

/** The test packets of a node are root's. */
function notesOfUsers(end: FlowEnd, routing: Fact<RoutingPolicy>): readonly string[] {
  if (end.kind === 'outside' || end.interface !== null || routing.status === 'unavailable') return [];
  return routing.value.rules
    .filter(readsUsers)
    .map(
      ({ priority, text }) =>
        `Routing rule ${priority} of ${end.node} (${text}) depends on the user that sends. The test packets of the ` +
        `node are sent by root. To do next on ${end.node}: ip route get ADDRESS uid USER`,
    );
}

function readsUsers({ uids }: RoutingRule): boolean {
  return uids !== null && (uids[0] > 0 || uids[1] < lastUser);
}
