import type { CapturePlace } from '../model/facts.ts';
import type { PathHop } from '../model/verdict.ts';
import type { Gathering } from './gather.ts';

const places: readonly { readonly hop: CapturePlace['hop']; readonly words: string }[] = [
  { hop: 'source-pod', words: 'source interface' },
  { hop: 'source-card', words: 'network interface of the source node' },
  { hop: 'target-card', words: 'network interface of the target node' },
  { hop: 'target-pod', words: 'interface of the pod' },
];

/** Where the asked packet was seen on its way. `lost` is the first place at which it is missing. */
export async function pathOf(gathering: Pick<Gathering, 'fact'>): Promise<readonly PathHop[]> {
  const [flow, capture, reachability, outcome] = await Promise.all([
    gathering.fact('flow'),
    gathering.fact('path-capture'),
    gathering.fact('reachability'),
    gathering.fact('flow-outcome'),
  ]);
  if (flow.status !== 'observed') return [];
  const arrived = outcome.status === 'observed' && outcome.value.judgedPort === 'works';
  const hops: Omit<PathHop, 'hop'>[] = [
    {
      place: `${flow.value.source.kind} ${flow.value.source.name}`,
      node: flow.value.source.node,
      status: reachability.status === 'observed' ? 'seen' : 'not-looked',
    },
  ];
  let lost = false;
  for (const { hop, words } of capture.status === 'observed' ? places : []) {
    const seen = capture.status === 'observed' ? capture.value.places.find((place) => place.hop === hop) : undefined;
    if (!seen) continue;
    const status: PathHop['status'] = lost ? 'not-looked' : seen.requests.length > 0 ? 'seen' : 'lost';
    lost ||= status === 'lost';
    hops.push({ place: `${words} ${seen.interface}`, node: seen.node, status });
  }
  hops.push({
    place: `pod ${flow.value.destination.namespace}/${flow.value.destination.name}`,
    node: flow.value.destination.node,
    status: arrived ? 'seen' : lost || reachability.status !== 'observed' ? 'not-looked' : 'lost',
  });
  return hops.map((hop, index) => ({ hop: index + 1, ...hop }));
}
