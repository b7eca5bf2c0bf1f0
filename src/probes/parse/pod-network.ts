import type { AddressFamily } from '../../model/addresses.ts';
import type { Transcript } from '../../model/command.ts';
import { headedSections } from '../../model/headed-sections.ts';
import { LookError } from '../../model/look-error.ts';
import type { PodNetwork } from '../../model/network.ts';
import { parseIpLinks } from './ip-links.ts';
import { parseNeighbours } from './ip-neighbours.ts';
import { answerOfRouteGet } from './ip-route-get.ts';

/** What the pod's own namespace says of itself. */
type OwnNetwork = Omit<PodNetwork, 'ownInterface' | 'namespace'>;

/**
 * Parses the sections that the one command in a pod's namespace prints under `# links`, `# routes`, `# way`, `# own
 * way`, `# rules` and `# neighbours`.
 * @param family whose addresses are wanted
 * @throws LookError not-parsed where a section is not there, or not as `ip` prints it
 */
export function parsePodNetwork(transcript: Transcript, family: AddressFamily = 4): OwnNetwork {
  const sections = headedSections(transcript.stdout);
  return {
    links: parseIpLinks(sectionNamed(sections, 'links'), new Map(), family),
    routes: linesOf(sectionNamed(sections, 'routes')),
    way: ownWayIn(transcript, sections),
    ...(sections.has('rules') ? { rules: rulesIn(linesOf(sectionNamed(sections, 'rules'))) } : {}),
    neighbours: parseNeighbours(sectionNamed(sections, 'neighbours'), transcript.node),
    filters: filtersIn(linesOf(sectionNamed(sections, 'filters'))),
  };
}

function sectionNamed(sections: ReadonlyMap<string, string>, name: string): string {
  const section = sections.get(name);
  if (section === undefined) throw new LookError('not-parsed', `the network of the pod lacks its ${name}`);
  return section;
}

/**
 * Rules of the pod may lead what has its own address as its source elsewhere. Before that address is chosen, the kernel
 * is asked without one; helpers of older versions ask no more.
 */
function ownWayIn(transcript: Transcript, sections: ReadonlyMap<string, string>): PodNetwork['way'] {
  const way = wayIn(transcript, sectionNamed(sections, 'way'));
  const own = sections.get('own way') ?? '';
  if (way.kind !== 'route' || own.trim() === '') return way;
  const chosen = wayIn(transcript, own);
  if (chosen.kind === 'unavailable') return way;
  return chosen.kind === 'route' ? { ...chosen, preferredSource: way.preferredSource } : chosen;
}

/** Without the rules that every kernel has. */
function rulesIn(lines: readonly string[]): readonly string[] {
  return lines.map((line) => line.replace(/\s+/g, ' ')).filter((line) => !usualRule.test(line));
}

const usualRule = /^(?:0: from all lookup local|32766: from all lookup main|32767: from all lookup default)$/;

/** In the section stands what `ip` wrote, to whichever stream; a refusal made its status 2. */
function wayIn(transcript: Transcript, section: string): PodNetwork['way'] {
  const isRefused = section.startsWith('RTNETLINK answers');
  return answerOfRouteGet({ ...transcript, exit: isRefused ? 2 : 0, stdout: section, stderr: section });
}

/** Names of iptables-legacy's tables, then `table FAMILY NAME` of nft's, or `unread`. */
function filtersIn(lines: readonly string[]): PodNetwork['filters'] {
  const nft = lines.flatMap((line) => {
    const [, family, name] = /^table (\S+) (\S+)$/.exec(line) ?? [];
    return family !== undefined && name !== undefined ? [{ family, name }] : [];
  });
  return {
    legacy: lines.filter((line) => /^(?:raw|mangle|nat|filter|security)$/.test(line)),
    nft: lines.includes('unread') ? null : nft,
  };
}

function linesOf(section: string): readonly string[] {
  return section
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
