import { isFelixArpTable } from '../calico/arp-table.ts';
import { describeEnd } from '../model/flow-end-words.ts';
import { shellCommand } from '../model/shell-words.ts';
import type { NodeRuleSets } from '../model/flow-walk.ts';
import type { Chain } from '../model/ruleset/rules.ts';
import type { Gathering } from './gather.ts';

/**
 * Returns notes on tables of nft's family `arp`, on the nodes and inside the pods of a flow that does not work: they
 * can drop ARP, and no packet is walked through them.
 */
export async function arpNotes(gathering: Pick<Gathering, 'fact'>): Promise<readonly string[]> {
  const [flow, outcome, target, source, own, clients] = await Promise.all([
    gathering.fact('flow'),
    gathering.fact('tried-outcome'),
    gathering.fact('rulesets@target'),
    gathering.fact('rulesets@source'),
    gathering.fact('pod-network'),
    gathering.fact('source-pod-network'),
  ]);
  if (flow.status === 'unavailable') return [];
  if (outcome.status === 'observed' && outcome.value.judgedPort === 'works') return [];
  const onNodes = [target, source].flatMap((read) => (read.status === 'observed' ? tablesOf(read.value) : []));
  const inPods = (
    [
      [flow.value.destination, own],
      [flow.value.source, clients],
    ] as const
  ).flatMap(([end, network]) =>
    network.status === 'unavailable'
      ? []
      : (network.value.filters.nft ?? [])
          .filter(({ family }) => family === 'arp')
          .map(({ name }) =>
            noteOf(
              `inside ${describeEnd(end)}`,
              name,
              `${end.node ?? '?'}: ` +
                shellCommand`ip netns exec ${network.value.namespace} nft -a list table arp ${name}`,
            ),
          ),
  );
  return [...new Set([...onNodes, ...inPods])];
}

function tablesOf({ node, ruleSets }: NodeRuleSets): readonly string[] {
  return ruleSets
    .flatMap(({ tables }) => tables)
    .filter(({ family, name, chains }) => family === 'arp' && !isFelixArpTable(name) && chains.some(mayDrop))
    .map(({ name }) => noteOf(`on ${node}`, name, `${node}: ${shellCommand`nft -a list table arp ${name}`}`));
}

function mayDrop({ base, rules }: Chain): boolean {
  return base?.policy === 'drop' || [...rules].some(({ actions }) => actions.some(({ kind }) => kind === 'drop'));
}

function noteOf(where: string, name: string, next: string): string {
  return (
    `Table arp ${name} of nft ${where} can drop ARP, and then nobody learns to which Ethernet address a packet must ` +
    `go. To do next on ${next}`
  );
}
