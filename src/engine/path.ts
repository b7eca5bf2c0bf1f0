import type { FlowEnd } from '../model/flow.ts';
import type { Passage, PassageMark, PassagePoint } from '../model/passage.ts';
import type { PathHop } from '../model/verdict.ts';

/** The names of a flow's two ends. */
export interface Ends {
  readonly source: Pick<FlowEnd, 'kind' | 'namespace' | 'name'>;
  readonly destination: Pick<FlowEnd, 'kind' | 'namespace' | 'name'>;
}

/**
 * Returns where the asked packet was seen on its way, and its reply on the way back. `lost` marks the first place at
 * which it is missing.
 */
export function pathOf({ marks, stop }: Passage, ends: Ends): readonly PathHop[] {
  return marks.map((mark, at) => {
    const status = at === stop?.missing ? 'lost' : statusOf(mark);
    const { direction, node, interface: device, outer } = mark;
    return {
      hop: at + 1,
      direction,
      place: placeWords(mark, ends),
      node,
      interface: device,
      status,
      why: status === 'not-looked' ? whyOf(mark) : null,
      outer: outer && `${outer.source} > ${outer.destination}`,
    };
  });
}

/** The pod counts as seen if its reply was seen: the request must have arrived. */
function statusOf({ state, point }: PassageMark): PathHop['status'] {
  return state === 'seen' || (state === 'passed' && point === 'pod') ? 'seen' : 'not-looked';
}

function whyOf({ state, why }: PassageMark): string | null {
  if (state === 'passed') return 'not captured here, but seen further on';
  return state === 'not-seen' ? 'it is missing before' : why;
}

/** Returns the place in words, with its network interface where that is known. */
export function placeWords({ point, interface: device }: PassageMark, { source, destination }: Ends): string {
  if (point === 'sender') return endWords(source);
  if (point === 'pod') return endWords(destination);
  return device === null ? pointWords[point] : `${pointWords[point]} ${device}`;
}

/** With the kind before it. */
export function endWords({ kind, namespace, name }: Ends['source']): string {
  return `${kind} ${namespace === null ? '' : `${namespace}/`}${name}`;
}

const pointWords: Readonly<Record<Exclude<PassagePoint, 'sender' | 'pod'>, string>> = {
  'source-pod': 'interface of the source pod',
  'source-card': 'network interface of the source node',
  'target-card': 'network interface of the target node',
  'target-tunnel': 'tunnel device of the target node',
  'target-pod': 'interface of the pod',
};
