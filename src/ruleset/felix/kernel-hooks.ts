import type { HookDefect, HookFlaw } from '../../model/calico-hooks.ts';
import type { Chain, FilterRule, RuleSet, Table } from '../../model/ruleset/rules.ts';
import type { RuleRef } from '../../model/ruleset/walk.ts';
import { chainNamed } from '../chains/chain-index.ts';
import { ruleAt, sizeOf } from '../chains/lazy-chain.ts';
import { refOf } from '../walk/walk-state.ts';

/** The chains of the kernel that lead into Calico's of the same name (felix/dataplane/linux/int_dataplane.go). */
const hooks: readonly (readonly [table: string, chains: readonly string[]])[] = [
  ['raw', ['PREROUTING', 'OUTPUT']],
  ['mangle', ['PREROUTING', 'POSTROUTING']],
  ['nat', ['PREROUTING', 'OUTPUT', 'POSTROUTING']],
  ['filter', ['INPUT', 'FORWARD', 'OUTPUT']],
];

/** One table as iptables names it, in every backend: in nftables mode all are one, and chains begin with its name. */
interface Layer {
  readonly ruleSet: RuleSet;
  readonly table: Table;
  readonly name: string;
  readonly chain: (name: string) => Chain | undefined;
  readonly prefix: string;
}

type Defect = Omit<HookDefect, 'node'>;

/**
 * Returns where a node's chains do not lead through Calico's. Calico's chains that nothing leads into count only if no
 * other backend has the same ones in use: an earlier Felix may have left them. eBPF mode has no such chains.
 */
export function hookDefects(ruleSets: readonly RuleSet[]): readonly Defect[] {
  const layers = ruleSets.flatMap((ruleSet) => ruleSet.tables.flatMap((table) => layersOf(ruleSet, table)));
  if (layers.some(isOfBpfMode)) return [];
  const found = hooks.flatMap(([table, chains]) => {
    const ofTable = layers.filter(({ name }) => name === table);
    return chains.flatMap((chain) => defectsAt(ofTable, table, chain));
  });
  return [...found, ...goneChains(layers, found)];
}

function layersOf(ruleSet: RuleSet, table: Table): readonly Layer[] {
  if (table.family !== 'ip') return [];
  const layer = (name: string, prefix: string): Layer => ({
    ruleSet,
    table,
    name,
    prefix,
    chain: (chain) => chainNamed(table, prefix + chain),
  });
  if (ruleSet.backend !== 'nftables') return [layer(table.name, '')];
  return table.name === 'calico' ? hooks.map(([name]) => layer(name, `${name}-`)) : [];
}

function defectsAt(layers: readonly Layer[], table: string, chain: string): readonly Defect[] {
  const own = layers.filter((layer) => layer.chain(`cali-${chain}`));
  const [first] = own;
  if (!first) return [];
  const { backend } = first.ruleSet;
  const defect = (flaw: HookFlaw, rule: RuleRef | null = null): readonly Defect[] => [
    { backend, table, chain, flaw, rule },
  ];
  const jumping = own.filter((layer) => jumpAt(layer, chain) !== null);
  const [good] = jumping.filter((layer) => sizeOf(layer.chain(`cali-${chain}`) as Chain) > 0);
  if (!good) return defect(jumping.length > 0 ? 'empty' : 'jump');
  const behind = catchAllBefore(good, chain, jumpAt(good, chain) ?? 0, ['accept']);
  if (behind) return defect('behind', behind);
  return chain === 'FORWARD' ? closingDefects(good, defect) : [];
}

/** Up to v3.14 Calico's own chain accepts, and there is no closing rule. */
function closingDefects(
  layer: Layer,
  defect: (flaw: HookFlaw, rule?: RuleRef | null) => readonly Defect[],
): readonly Defect[] {
  const own = layer.chain('cali-FORWARD');
  const forward = layer.chain('FORWARD');
  if (!own || !forward || own.rules.some(accepts)) return [];
  const closing = forward.rules.find(isClosing);
  if (!closing) return defect('accept');
  // Felix's setting IptablesFilterAllowAction leaves what its policies accept to the rules behind, and to the policy.
  if (!accepts(closing)) return [];
  const late = catchAllBefore(layer, 'FORWARD', closing.index, ['drop', 'reject'], jumpAt(layer, 'FORWARD') ?? 0);
  return late ? defect('late-accept', late) : [];
}

function isClosing(rule: FilterRule): boolean {
  const isReturning = rule.tag !== null && rule.actions.some(({ kind }) => kind === 'return');
  return (
    (accepts(rule) || isReturning) &&
    (rule.comments.some((comment) => comment.startsWith('Policy explicitly accepted packet')) ||
      (rule.tag !== null && rule.matches.some(({ kind }) => kind === 'mark')))
  );
}

function accepts({ actions }: FilterRule): boolean {
  return actions.some(({ kind }) => kind === 'accept');
}

/** Returns the place (from 1) of the rule that leads every packet into Calico's chain; null: there is none. */
function jumpAt(layer: Layer, chain: string): number | null {
  const kernel = layer.chain(chain);
  const target = `${layer.prefix}cali-${chain}`;
  if (!kernel) return null;
  for (let index = 1; index <= sizeOf(kernel); index += 1) {
    const actions = ruleAt(kernel, index)?.actions ?? [];
    if (actions.some((action) => (action.kind === 'jump' || action.kind === 'goto') && action.chain === target))
      return index;
  }
  return null;
}

/** Is it a foreign rule that ends every packet? */
function catchAllBefore(
  layer: Layer,
  name: string,
  before: number,
  ends: readonly string[],
  behind = 0,
): RuleRef | null {
  const chain = layer.chain(name);
  if (!chain) return null;
  for (let index = behind + 1; index < before; index += 1) {
    const rule = ruleAt(chain, index);
    if (!rule || rule.tag !== null || rule.matches.length > 0) continue;
    if (rule.actions.some(({ kind }) => ends.includes(kind))) return refOf({ ...layer, chain }, rule);
  }
  return null;
}

/** Does the filter table have no chain of Calico's, while two other tables of the same reader lead into theirs? */
function goneChains(layers: readonly Layer[], found: readonly Defect[]): readonly Defect[] {
  const filters = layers.filter(({ name }) => name === 'filter');
  if (filters.some(({ table, prefix }) => table.chains.some(({ name }) => name.startsWith(`${prefix}cali-`))))
    return [];
  const led = layers.filter(
    ({ name, chain }) =>
      name !== 'filter' &&
      chain('cali-PREROUTING') &&
      !found.some((defect) => defect.table === name && defect.chain === 'PREROUTING'),
  );
  const [first] = led;
  if (!first || led.length < 2) return [];
  const { backend } = first.ruleSet;
  return ['INPUT', 'FORWARD', 'OUTPUT'].map((chain): Defect => ({
    backend,
    table: 'filter',
    chain,
    flaw: 'gone',
    rule: null,
  }));
}

/**
 * What Felix writes into FORWARD for packets that its eBPF programs passed (felix/dataplane/linux/int_dataplane.go).
 */
const bpfComments: ReadonlySet<string> = new Set([
  'Pre-approved by BPF programs.',
  'From workload without BPF seen mark',
  'To workload, check workload is known.',
]);

function isOfBpfMode({ name, chain }: Layer): boolean {
  const forward = name === 'filter' ? chain('FORWARD') : undefined;
  return (
    forward !== undefined &&
    forward.rules.some(({ tag, comments }) => tag !== null && comments.some((comment) => bpfComments.has(comment)))
  );
}
