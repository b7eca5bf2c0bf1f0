import type { NodeDataplane } from '../model/dataplane.ts';
import { modeWords, pairWords, type Encapsulation } from '../model/encapsulation.ts';
import type { Fact } from '../model/evidence.ts';
import { calicoNamespaceOf, installWords, type Install } from '../model/install.ts';
import type { ClusterSetup } from '../model/setup.ts';
import type { Gathering } from './gather.ts';

/** Resolves to the kind of Calico on the flow's way; null: nothing about it was read. */
export async function setupOf(gathering: Pick<Gathering, 'fact'>): Promise<ClusterSetup | null> {
  const [installed, stored, kindTold, planes, encapsulated] = await Promise.all([
    gathering.fact('install'),
    gathering.fact('datastore'),
    gathering.fact('datastore-kind'),
    gathering.fact('dataplanes'),
    gathering.fact('encapsulation'),
  ]);
  const [install, datastore, dataplanes, encapsulation] = [
    valueOf(installed),
    valueOf(stored),
    valueOf(planes),
    valueOf(encapsulated),
  ];
  if (!install && !datastore && !dataplanes && !encapsulation) return null;
  const version = datastore?.clusterVersion ?? install?.operator?.version ?? null;
  const kind = datastore?.kind ?? valueOf(kindTold)?.kind ?? ofOperator(install);
  const modes = encapsulation ? modesOf(encapsulation) : null;
  return {
    install: install?.kind ?? 'unknown',
    namespace: install ? calicoNamespaceOf(install) : null,
    version,
    datastore: kind,
    dataplanes: (dataplanes ?? []).map(({ node, dataplane }) => ({ node, dataplane })),
    encapsulation: modes,
    pair: encapsulation?.pair ?? null,
    summary: [
      ['Calico', ...(version === null ? [] : [version]), installWords(install)].join(' '),
      kind === null ? 'datastore not known' : kind === 'kubernetes' ? 'Kubernetes datastore' : 'etcd datastore',
      dataplaneWords(dataplanes ?? []),
      encapsulationWords(encapsulation, modes),
    ].join(', '),
  };
}

function valueOf<T>(fact: Fact<T>): T | null {
  return fact.status === 'observed' ? fact.value : null;
}

/** The operator installs Calico only with the Kubernetes datastore. */
function ofOperator(install: Install | null): ClusterSetup['datastore'] {
  return install?.kind === 'operator' && install.operator ? 'kubernetes' : null;
}

function modesOf({ pools }: Encapsulation): NonNullable<ClusterSetup['encapsulation']> {
  return [...new Set(pools.flatMap(({ mode, disabled }) => (disabled ? [] : [mode])))];
}

function dataplaneWords(dataplanes: readonly NodeDataplane[]): string {
  const words = dataplanes.map(({ dataplane }) => (dataplane === 'ebpf' ? 'eBPF' : dataplane));
  const [first = null] = words;
  if (first === null && words.every((word) => word === null)) return 'dataplane not known';
  if (words.every((word) => word === first)) return `dataplane ${first}`;
  return `dataplane ${dataplanes.map(({ node }, at) => `${words[at] ?? 'not known'} on ${node}`).join(' and ')}`;
}

function encapsulationWords(encapsulation: Encapsulation | null, modes: ClusterSetup['encapsulation']): string {
  const pair = encapsulation?.pair ? pairWords(encapsulation.pair) : null;
  if (pair !== null) return pair;
  if (modes === null) return 'encapsulation not known';
  return modes.length === 0 ? 'no IP pool' : modes.map((mode) => modeWords[mode]).join(' and ');
}
