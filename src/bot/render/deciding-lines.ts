import { visible } from '../../model/plain-text.ts';
import type { FoundFinding } from '../../model/verdict.ts';

/** Names of chains, addresses, ports, interfaces: what a sentence and a line of output have in common. */
const name = /[\w.:/-]{4,80}/g;
const short = 6;
const picked = 2;

/**
 * Returns an excerpt with the lines first that hold a name of the finding's text, each behind ▶: what its sentences
 * rest on. A short excerpt keeps its order.
 * @param most characters of it; what is shown of each can be longer
 */
export function decidingLines(
  excerpt: string,
  { title, detail }: Pick<FoundFinding, 'title' | 'detail'>,
  most: number,
): string {
  const lines = excerpt.split('\n').filter((line) => line.trim() !== '');
  const named = new Set(namesIn(`${title.slice(0, longestText)} ${detail.slice(0, longestText)}`));
  const marked = lines.map((line) => ({ line, decides: namesIn(line).some((word) => named.has(word)) }));
  // One or two lines were picked by the rule itself.
  const isPicked = lines.length <= picked;
  const deciding = marked.filter(({ decides }) => decides);
  const ordered = lines.length <= short ? marked : [...deciding, ...marked.filter(({ decides }) => !decides)];
  const text = ordered.map(({ line, decides }) => `${decides || isPicked ? '▶' : ' '} ${line}`).join('\n');
  return visible(text.slice(0, most));
}

const longestText = 4000;

function namesIn(text: string): readonly string[] {
  return [...text.matchAll(name)].map(([word]) => word.replace(/[.:]$/, '')).filter(isName);
}

/** A plain word says nothing; a name has a digit, a dot, a dash or the like in it. */
function isName(word: string): boolean {
  return word.length >= 4 && /[\d.:/_-]/.test(word);
}
