import { LookError } from '../../model/look-error.ts';
import type { Neighbour, PodNetwork } from '../../model/network.ts';
import { parseIpLinks } from './ip-links.ts';
import { parseRouteAnswer } from './route-answer.ts';

/** What the pod's own namespace says of itself. */
type OwnNetwork = Pick<PodNetwork, 'links' | 'routes' | 'way' | 'neighbours'>;

/**
 * Parses the sections that a pod's namespace prints under `# links`, `# routes`, `# way` and `# neighbours`.
 * @throws LookError not-parsed where a section is not there, or not as `ip` prints it
 */
export function parsePodNetwork(text: string): OwnNetwork {
  const sections = sectionsOf(text);
  return {
    links: parseIpLinks(sectionNamed(sections, 'links')),
    routes: linesOf(sectionNamed(sections, 'routes')),
    way: parseRouteAnswer(sectionNamed(sections, 'way')),
    neighbours: linesOf(sectionNamed(sections, 'neighbours')).map(neighbourOf),
  };
}

/** No line of `ip` begins with a `#`. */
function sectionsOf(text: string): ReadonlyMap<string, string> {
  const sections = new Map<string, string>();
  let name = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('# ')) name = line.slice(2).trim();
    else sections.set(name, `${sections.get(name) ?? ''}${line}\n`);
    if (!sections.has(name)) sections.set(name, '');
  }
  return sections;
}

function sectionNamed(sections: ReadonlyMap<string, string>, name: string): string {
  const section = sections.get(name);
  if (section === undefined) throw new LookError('not-parsed', `the network of the pod lacks its ${name}`);
  return section;
}

function linesOf(section: string): readonly string[] {
  return section
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** `ADDRESS dev NAME [lladdr MAC] [router] [proxy] [extern_learn] STATE`. */
function neighbourOf(line: string): Neighbour {
  const words = line.split(/\s+/);
  const after = (word: string) => words[words.indexOf(word) + 1];
  const [address] = words;
  const device = words.includes('dev') ? after('dev') : undefined;
  if (address === undefined || device === undefined)
    throw new LookError('not-parsed', `ip neigh printed no neighbour: ${line.slice(0, 120)}`);
  return {
    address,
    device,
    linkAddress: words.includes('lladdr') ? (after('lladdr') ?? null) : null,
    state: words.at(-1) ?? '',
  };
}
