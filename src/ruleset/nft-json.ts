import type { Action, Chain, Counters, Family, Hook, Match, Rule, RuleSet, Table, Uncertainty } from '../model/ruleset.ts';
import { isObject, member, numberOf, parseJson, single, textOf, type Json } from './json.ts';
import { printNftRule } from './nft-print.ts';
import { chainKey, type ChainDevices } from './nft-chain-devices.ts';
import { nftSet } from './nft-sets.ts';
import { nftStatement, type FindMap } from './nft-statements.ts';

const hooks: Readonly<Record<string, Hook>> = { prerouting: 'PREROUTING', input: 'INPUT', forward: 'FORWARD', output: 'OUTPUT', postrouting: 'POSTROUTING', ingress: 'PREROUTING', egress: 'POSTROUTING' };
/** Chains of a device see a packet before every other chain as it comes in, and after every other as it leaves (net/core/dev.c). */
const deviceHookOffsets: Readonly<Record<string, number>> = { ingress: -1e9, egress: 1e9 };
const families: readonly Family[] = ['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev'];

/**
 * Parses what `nft -j list ruleset` or `nft -j list table` prints. Statements without a meaning in the model become undecided
 * matches or actions of their rule; base chains of bridges, chains of devices that are not known, and flowtables, become
 * uncertainties of the whole.
 * @param devices of the chains of a device, by `chainKey`, where the JSON does not say them (nft 1.0.6 and before)
 * @throws SyntaxError where the text is no JSON: an answer that was cut off
 */
export function parseNftJson(text: string, devices: ChainDevices = new Map()): RuleSet {
  const listed = text.trim() === '' ? [] : member(parseJson(text), 'nftables');
  const objects = (Array.isArray(listed) ? listed : []).flatMap((entry) => {
    const found = single(entry);
    return found ? [{ kind: found[0], body: found[1] }] : [];
  });
  const byKind = Map.groupBy(objects, ({ kind }) => kind);
  const of = (kind: string): Json[] => (byKind.get(kind) ?? []).map(({ body }) => body);
  const tables = of('table').flatMap((table): Table[] => {
    const family = familyOf(table);
    const name = textOf(member(table, 'name'));
    if (!family || name === null) return [];
    const isHere = (object: Json): boolean => member(object, 'family') === family && member(object, 'table') === name;
    const maps = new Map(of('map').filter(isHere).map((map) => [textOf(member(map, 'name')) ?? '', elements(map)]));
    const rules = Map.groupBy(of('rule').filter(isHere), (rule) => textOf(member(rule, 'chain')));
    return [{ family, name, chains: of('chain').filter(isHere).map((chain) => chainOf(chain, rules.get(textOf(member(chain, 'name'))) ?? [], devices, (map) => maps.get(map) ?? null)) }];
  });
  const sets = of('set').flatMap((set) => {
    const family = familyOf(set);
    return family ? [nftSet(set, { family, name: textOf(member(set, 'table')) ?? '' })] : [];
  });
  return { backend: 'nftables', tables, sets, uncertainties: [...unwalked(of('chain'), of('rule'), devices), ...of('flowtable').map(flowtable)] };
}

function familyOf(object: Json): Family | null {
  const family = textOf(member(object, 'family'));
  return families.find((one) => one === family) ?? null;
}

/** A map without elements is printed without the member. */
function elements(map: Json): Json[] {
  const listed = member(map, 'elem');
  return Array.isArray(listed) ? listed : [];
}

function chainOf(chain: Json, rules: readonly Json[], devices: ChainDevices, findMap: FindMap): Chain {
  const name = textOf(member(chain, 'name')) ?? '';
  const hookName = textOf(member(chain, 'hook')) ?? '';
  const hook = hooks[hookName];
  const type = textOf(member(chain, 'type'));
  const ofDevice = hookName in deviceHookOffsets ? devicesOf(chain, devices) : null;
  return {
    name,
    base: hook && ofDevice?.length !== 0
      ? {
          hook,
          priority: (numberOf(member(chain, 'prio')) ?? 0) + (deviceHookOffsets[hookName] ?? 0),
          type: type === 'nat' || type === 'route' ? type : 'filter',
          policy: member(chain, 'policy') === 'drop' ? 'drop' : 'accept',
          ...(ofDevice ? { devices: ofDevice } : {}),
        }
      : null,
    counters: null,
    rules: rules.map((rule, at) => ruleOf(rule, at + 1, findMap)),
  };
}

/** One device is printed as a text, several as a list. */
function devicesOf(chain: Json, known: ChainDevices): readonly string[] {
  const told = member(chain, 'dev');
  const devices = (Array.isArray(told) ? told : [told]).flatMap((device) => textOf(device) ?? []);
  return devices.length > 0 ? devices : (known.get(chainKey(textOf(member(chain, 'family')), textOf(member(chain, 'table')), textOf(member(chain, 'name')))) ?? []);
}

function ruleOf(rule: Json, index: number, findMap: FindMap): Rule {
  const listed = member(rule, 'expr');
  const expressions = Array.isArray(listed) ? listed : [];
  const comment = textOf(member(rule, 'comment'));
  const matches: Match[] = [];
  const actions: Action[] = [];
  let counters: Counters | null = null;
  for (const expression of expressions) {
    const [name, body] = single(expression) ?? [textOf(expression) ?? '', null];
    if (name === 'counter') counters = countersOf(body) ?? counters;
    const statement = nftStatement(name, body, findMap);
    if (statement === null) continue;
    if ('action' in statement) actions.push(statement.action);
    else if (actions.some(({ kind }) => kind !== 'log' && kind !== 'harmless')) matches.push({ kind: 'unknown', negated: false, text: name, why: 'the rule asks again after it has changed something' });
    else matches.push(...statement.matches);
  }
  const comments = comment === null ? [] : comment.split(/;\s*/).filter((part) => part !== '');
  return {
    text: printNftRule(expressions, comment),
    index,
    counters,
    comments,
    tag: /(?:^|\s)cali:([\w-]{16})(?:;|$)/.exec(comment ?? '')?.[1] ?? null,
    matches,
    actions,
    handle: numberOf(member(rule, 'handle')),
  };
}

/** A counter may also be named, and is then printed without its numbers. */
function countersOf(body: Json): Counters | null {
  const packets = isObject(body) ? numberOf(member(body, 'packets')) : null;
  return packets === null ? null : { packets, bytes: numberOf(member(body, 'bytes')) ?? 0 };
}

function unwalked(chains: readonly Json[], rules: readonly Json[], devices: ChainDevices): Uncertainty[] {
  return chains.flatMap((chain) => {
    const hook = textOf(member(chain, 'hook'));
    const family = textOf(member(chain, 'family'));
    if (hook === null || (family !== 'bridge' && hooks[hook] && (!(hook in deviceHookOffsets) || devicesOf(chain, devices).length > 0))) return [];
    const has = rules.some((rule) => ['family', 'table'].every((key) => member(rule, key) === member(chain, key)) && member(rule, 'chain') === member(chain, 'name'));
    const place = `${family} ${textOf(member(chain, 'table'))} ${textOf(member(chain, 'name'))}`;
    return has || member(chain, 'policy') === 'drop' ? [{ rule: place, why: family === 'bridge' ? `chains of the bridge family at ${hook} are not walked` : `of which interface the chain sees the packets is not in the listing (${hook})`, unwalked: true }] : [];
  });
}

function flowtable(table: Json): Uncertainty {
  return { rule: `flowtable ${textOf(member(table, 'name'))}`, why: 'established flows may pass by the FORWARD and POSTROUTING chains' };
}
