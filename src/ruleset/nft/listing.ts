import { own } from '../../model/own.ts';
import type { Family, Hook } from '../../model/ruleset/places.ts';
import type { Chain, RuleSet, Table, Uncertainty } from '../../model/ruleset/rules.ts';
import { member, numberOf, parseJson, single, textOf, type Json } from './json.ts';
import { LazyChain } from '../chains/lazy-chain.ts';
import { ListedRules } from './listed-rules.ts';
import { chainKey, type ChainDevices } from './chain-devices.ts';
import { nftSet } from './sets.ts';
import type { FindMap } from './statements.ts';

const hooks: Readonly<Record<string, Hook>> = {
  prerouting: 'PREROUTING',
  input: 'INPUT',
  forward: 'FORWARD',
  output: 'OUTPUT',
  postrouting: 'POSTROUTING',
  ingress: 'PREROUTING',
  egress: 'POSTROUTING',
};
/**
 * Chains of a device see a packet before every other chain as it comes in, and after every other as it leaves
 * (net/core/dev.c).
 */
const deviceHookOffsets: Readonly<Record<string, number>> = { ingress: -1e9, egress: 1e9 };
const families: readonly Family[] = ['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev'];

/**
 * Parses `nft -j list ruleset` or `nft -j list table`. Rules are interpreted when a walk enters their chain. Statements
 * without a meaning in the model become undecided matches or actions of their rule. Base chains of bridges, chains of
 * unknown devices, and flowtables become uncertainties of the whole.
 * @param devices of the chains of a device, by `chainKey`, where the JSON does not say them (nft 1.0.6 and before)
 * @throws SyntaxError if the text is not JSON: the answer was cut off
 */
export function parseNftJson(text: string, devices: ChainDevices = new Map()): RuleSet {
  return ruleSetOf(nftObjects(text), devices);
}

/**
 * Returns the list of objects that one answer of nft holds; several may be parsed as one rule set.
 * @throws SyntaxError as `parseNftJson`
 */
export function nftObjects(text: string): readonly Json[] {
  const listed = text.trim() === '' ? [] : member(parseJson(text), 'nftables');
  return Array.isArray(listed) ? listed : [];
}

/** @param listed objects as nft's JSON lists them; chains of a table that is not among them are left out */
export function ruleSetOf(listed: readonly Json[], devices: ChainDevices = new Map()): RuleSet {
  const byKind = Map.groupBy(objectsIn(listed), ({ kind }) => kind);
  const of = (kind: string): Json[] => (byKind.get(kind) ?? []).map(({ body }) => body);
  const chains = Map.groupBy(of('chain'), tableKey);
  const maps = Map.groupBy(of('map'), tableKey);
  const rules = Map.groupBy(of('rule'), ruleChainKey);
  const tables = of('table').flatMap((table): Table[] => {
    const family = familyOf(table);
    const name = textOf(member(table, 'name'));
    if (!family || name === null) return [];
    const key = `${family} ${name}`;
    const named = new Map((maps.get(key) ?? []).map((map) => [textOf(member(map, 'name')) ?? '', elements(map)]));
    const findMap: FindMap = (map) => named.get(map) ?? null;
    return [
      {
        family,
        name,
        chains: (chains.get(key) ?? []).map((chain) =>
          chainOf(chain, new ListedRules(rules.get(ownChainKey(chain)) ?? [], findMap), devices),
        ),
      },
    ];
  });
  const sets = of('set').flatMap((set) => {
    const family = familyOf(set);
    return family ? [nftSet(set, { family, name: textOf(member(set, 'table')) ?? '' })] : [];
  });
  return {
    backend: 'nftables',
    tables,
    sets,
    uncertainties: [...unwalked(of('chain'), rules, devices), ...of('flowtable').map(flowtable)],
  };
}

function objectsIn(listed: readonly Json[]): { readonly kind: string; readonly body: Json }[] {
  return listed.flatMap((entry) => {
    const found = single(entry);
    return found ? [{ kind: found[0], body: found[1] }] : [];
  });
}

/** Names hold no blanks: nft's own grammar refuses them. */
function tableKey(object: Json): string {
  return `${textOf(member(object, 'family'))} ${textOf(member(object, 'table'))}`;
}

function ruleChainKey(rule: Json): string {
  return chainKey(textOf(member(rule, 'family')), textOf(member(rule, 'table')), textOf(member(rule, 'chain')));
}

function ownChainKey(chain: Json): string {
  return chainKey(textOf(member(chain, 'family')), textOf(member(chain, 'table')), textOf(member(chain, 'name')));
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

function chainOf(chain: Json, rules: ListedRules, devices: ChainDevices): Chain {
  const name = textOf(member(chain, 'name')) ?? '';
  const hookName = textOf(member(chain, 'hook')) ?? '';
  const hook = own(hooks, hookName);
  const offset = own(deviceHookOffsets, hookName);
  const type = textOf(member(chain, 'type'));
  const ofDevice = offset === undefined ? null : devicesOf(chain, devices);
  const base: Chain['base'] =
    hook && ofDevice?.length !== 0
      ? {
          hook,
          priority: (numberOf(member(chain, 'prio')) ?? 0) + (offset ?? 0),
          type: type === 'nat' || type === 'route' ? type : 'filter',
          policy: member(chain, 'policy') === 'drop' ? 'drop' : 'accept',
          ...(ofDevice ? { devices: ofDevice } : {}),
        }
      : null;
  return new LazyChain({ name, base, counters: null }, rules);
}

/** One device is printed as a text, several as a list. */
function devicesOf(chain: Json, known: ChainDevices): readonly string[] {
  const told = member(chain, 'dev');
  const devices = (Array.isArray(told) ? told : [told]).flatMap((device) => textOf(device) ?? []);
  return devices.length > 0 ? devices : (known.get(ownChainKey(chain)) ?? []);
}

function unwalked(
  chains: readonly Json[],
  rules: ReadonlyMap<string, readonly Json[]>,
  devices: ChainDevices,
): Uncertainty[] {
  return chains.flatMap((chain) => {
    const hook = textOf(member(chain, 'hook'));
    const family = textOf(member(chain, 'family'));
    if (hook === null) return [];
    const isKnown = own(deviceHookOffsets, hook) === undefined || devicesOf(chain, devices).length > 0;
    if (family !== 'bridge' && own(hooks, hook) && isKnown) return [];
    if (!rules.has(ownChainKey(chain)) && member(chain, 'policy') !== 'drop') return [];
    const place = `${family} ${textOf(member(chain, 'table'))} ${textOf(member(chain, 'name'))}`;
    return [
      {
        rule: place,
        why:
          family === 'bridge'
            ? `chains of the bridge family at ${hook} are not walked`
            : `of which interface the chain sees the packets is not in the listing (${hook})`,
        unwalked: true,
      },
    ];
  });
}

function flowtable(table: Json): Uncertainty {
  return {
    rule: `flowtable ${textOf(member(table, 'name'))}`,
    why: 'established flows may pass by the FORWARD and POSTROUTING chains',
  };
}
