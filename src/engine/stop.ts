import { familyOf } from '../model/addresses.ts';
import type { Fact } from '../model/evidence.ts';
import type { FactKey, FactValue, Place } from '../model/facts.ts';
import type { Flow } from '../model/flow.ts';
import type { Area, Direction, Passage, PassageMark, PassageStop } from '../model/passage.ts';
import { askedDevice } from '../model/kernel-way.ts';
import { commandOfFamily } from '../model/ipv6-commands.ts';
import { podLink } from '../model/pod-link.ts';
import { deviceTo } from '../model/routes.ts';
import { shellCommand } from '../model/shell-words.ts';
import type { FlowStop, NotChecked, StopPlace } from '../model/verdict.ts';
import { fillCommand } from './finding.ts';
import { doubtOf, xdpSuspects, type LookDoubt, type LookedPart } from './look-doubts.ts';
import { placeWords } from './path.ts';
import { stopSummary } from './stop-words.ts';
import { wayLooks, type WayLook } from './way-looks.ts';

interface FactSource {
  fact<K extends FactKey>(key: K): Promise<Fact<FactValue<K>>>;
}

/** Returns where the flow stops, what was checked there and what was not; null if nothing shows where. */
export async function stopOf(passage: Passage, flow: Flow, facts: FactSource): Promise<FlowStop | null> {
  const { marks, stop } = passage;
  const [from, to] = stop ? [marks[stop.lastSeen], marks[stop.missing]] : [];
  if (!stop || !from || !to) return null;
  const looked = await Promise.all(partsOf(passage, stop).map((part) => looksOf(part, flow, marks, stop, facts)));
  const looks = looked.flat();
  const notChecked = looks.flatMap(({ missing }) => (missing ? [missing] : []));
  return {
    direction: stop.direction,
    summary: stopSummary(stop, from, to, flow),
    lastSeen: placeOf(from, flow),
    missing: placeOf(to, flow),
    checked: [...new Set(looks.flatMap(({ what, missing }) => (missing ? [] : [what])))],
    notChecked: notChecked.filter(({ command }, at) => notChecked.findIndex((one) => one.command === command) === at),
  };
}

function placeOf(mark: PassageMark, flow: Flow): StopPlace {
  return { place: placeWords(mark, flow), node: mark.node, interface: mark.interface };
}

/** One part of the way in which the packet may have been lost. */
interface Part {
  readonly area: Area;
  readonly direction: Direction;
}

/** Returns each part once, in the order in which a packet meets them. */
function partsOf({ marks, between }: Passage, { lastSeen, missing }: PassageStop): readonly Part[] {
  const parts = between
    .map((area, at): Part => ({ area, direction: marks[at + 1]?.direction ?? 'request' }))
    .slice(lastSeen, missing);
  return parts.filter(({ area, direction }, at) => {
    const first = parts.findIndex((one) => one.area === area && (one.direction === direction || area === 'target-pod'));
    return first === at;
  });
}

/** Returns the node to check for this part. Between the nodes it is the receiving one. */
function placeIn({ area, direction }: Part): Place {
  if (area === 'underlay') return direction === 'request' ? 'target' : 'source';
  return area.startsWith('source') ? 'source' : 'target';
}

interface Looked {
  readonly what: string;
  /** null: it was checked. */
  readonly missing: NotChecked | null;
}

async function looksOf(
  part: Part,
  flow: Flow,
  marks: readonly PassageMark[],
  stop: PassageStop,
  facts: FactSource,
): Promise<readonly Looked[]> {
  const place = placeIn(part);
  const end = place === 'source' ? flow.source : flow.destination;
  const values = await valuesOf(part, place, flow, marks, stop, facts);
  const what = (look: WayLook) => (stop.areas.length === 1 ? look.what : `${look.what} on ${end.node}`);
  const family = familyOf(flow.destination.address);
  const looks = wayLooks.filter((look) => look.in.includes(part.area) && (family === 4 || !look.ofIpv4Alone));
  const looked = await Promise.all(
    looks.map(async (look): Promise<readonly Looked[]> => {
      const why = await missingOf(look, { ...part, place, node: end.node }, facts);
      if (why === needless) return [];
      if (why === checked) return [{ what: what(look), missing: null }];
      return [
        {
          what: what(look),
          missing: {
            what: look.what,
            node: end.node,
            why: why?.why ?? null,
            command: commandOfFamily(why?.command ?? fillCommand(look.command, values), family),
          },
        },
      ];
    }),
  );
  return looked.flat();
}

const checked = Symbol('checked');
/** Says that there is nothing to check here. */
const needless = Symbol('needless');

/** Returns why a check does not cover its part of the way: a reason, or null if no such check exists. */
async function missingOf(
  look: WayLook,
  part: LookedPart,
  facts: FactSource,
): Promise<LookDoubt | null | typeof checked | typeof needless> {
  const found = look.suspects ? await xdpSuspects(part, facts) : null;
  const suspects = found === null ? null : { why: found, command: null };
  if (look.facts.length === 0) return suspects;
  for (const template of look.facts) {
    const key = template.replace('@here', `@${part.place}`) as FactKey;
    const fact = await facts.fact(key);
    if (fact.status === 'unavailable')
      return fact.code === 'not-applicable' ? needless : { why: fact.reason, command: null };
    const doubt = await doubtOf(key, part, facts);
    if (doubt !== null) return doubt;
  }
  return suspects ?? checked;
}

/** Returns the values of a command's placeholders there: addresses, network interfaces, the pod's network namespace. */
async function valuesOf(
  { direction }: Part,
  place: Place,
  flow: Flow,
  marks: readonly PassageMark[],
  stop: PassageStop,
  facts: FactSource,
): Promise<Readonly<Record<string, string>>> {
  const [routes, links, ways] = await Promise.all([
    facts.fact(`routes@${place}`),
    facts.fact(`links@${place}`),
    facts.fact('kernel-ways'),
  ]);
  const [from, to] =
    direction === 'request'
      ? [flow.source.address, flow.destination.address]
      : [flow.destination.address, flow.source.address];
  const end = place === 'source' ? flow.source : flow.destination;
  const { node } = end;
  const asked = ways.status === 'observed' ? ways.value.filter((way) => way.node === node) : [];
  const device = (address: string) =>
    askedDevice(asked, address) ?? (routes.status === 'observed' ? deviceTo(routes.value, address) : null);
  const here = (list: readonly PassageMark[]) =>
    list.find((mark) => mark.node === node && mark.interface)?.interface ?? null;
  const [entry, exit] = [
    device(from) ?? here(marks.slice(0, stop.lastSeen + 1).toReversed()),
    device(to) ?? here(marks.slice(stop.missing)),
  ];
  const link = links.status === 'observed' ? podLink(links.value, end) : null;
  const sends =
    direction === 'request'
      ? place === 'source' && flow.source.interface === null
      : place === 'target' && flow.destination.interface === null;
  const card = marks.find(({ point }) => point === (place === 'target' ? 'target-card' : 'source-card'));
  return {
    from,
    to,
    card: card?.interface ?? 'INTERFACE',
    peer: (place === 'target' ? flow.source : flow.destination).nodeAddress ?? 'ADDRESS',
    in: entry ?? 'INTERFACE',
    out: exit ?? 'INTERFACE',
    iif: entry && !sends ? shellCommand` iif ${entry}` : '',
    interface: link?.name ?? end.interface ?? entry ?? 'INTERFACE',
    netns: link?.peerNamespace ?? 'NAMESPACE',
  };
}
