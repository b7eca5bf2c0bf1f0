/** The way of the packet as a picture that reads on a phone: a place a row, and a cross where the packet is missing. */
import { oneLine } from '../../model/plain-text.ts';
import type { PathHop, Verdict } from '../../model/verdict.ts';
import { inCluster, judgedFlow } from './names.ts';
import { clip, rich, words } from './rich.ts';
import { escaped, fixed, textShape, wrapped, type TextStyle } from './picture-text.ts';

export interface PathPicture {
  readonly svg: string;
  /** The same in words, for a reader who cannot see it. */
  readonly alt: string;
}

const width = 400;
const margin = 18;
const markX = 32;
const textX = 56;
const textWidth = width - textX - margin;
const shownHops = 24;
const mostLines = 3;
const placeCharacters = 300;
const altCharacters = 1500;

const colors = { ink: '#1d1c1d', quiet: '#616061', seen: '#007a5a', lost: '#c01343', unknown: '#9a999a' } as const;
const place: TextStyle = { size: 15, color: colors.ink };
const note: TextStyle = { size: 13, color: colors.quiet };
const title: TextStyle = { size: 17, color: colors.ink };
const lineHeight = 1.35;

const marks: Readonly<Record<PathHop['status'], { readonly color: string; readonly sign: string }>> = {
  seen: { color: colors.seen, sign: 'M-5 0l4 4l7 -8' },
  lost: { color: colors.lost, sign: 'M-5 -5l10 10M5 -5l-10 10' },
  'not-looked': { color: colors.unknown, sign: 'M-5 0h10' },
};
const ways: Readonly<Record<PathHop['direction'], string>> = { request: 'Request', reply: 'Reply' };

/** @returns null: the run followed no packet */
export function pathPicture(verdict: Pick<Verdict, 'path' | 'target' | 'cluster'>): PathPicture | null {
  const path = verdict.path.slice(0, shownHops);
  if (path.length === 0) return null;
  const flow = `The way of the packet: ${flowOf(verdict)}`;
  const drawing = new Drawing();
  drawing.lines(flow, margin, width - 2 * margin, title);
  path.forEach((hop, index) => drawHop(drawing, hop, path[index - 1] ?? null));
  const alt = [`${flow}.`, ...path.map((hop) => `${ways[hop.direction]}, ${placeOf(hop)}: ${stateOf(hop)}.`)].join(' ');
  const { length } = alt;
  return { svg: drawing.svg(flow), alt: length <= altCharacters ? alt : `${alt.slice(0, altCharacters - 1)}…` };
}

function flowOf({ target, cluster }: Pick<Verdict, 'target' | 'cluster'>): string {
  const pod = rich`${clip(target.asked ?? target.pod, 120)}${inCluster({ cluster })}`;
  // A message keeps names from becoming links by characters without width.
  return oneLine(words(rich`${pod}${judgedFlow({ target })}`).replaceAll('\u2060', ''));
}

function placeOf({ place: name, node }: PathHop): string {
  return oneLine(node && !name.includes(node) ? `${name} on ${node}` : name).slice(0, placeCharacters);
}

function stateOf({ status, why }: PathHop): string {
  if (status === 'lost') return 'missing, the packet stops before this place';
  return status === 'seen' ? 'seen' : `not seen${why ? ` (${oneLine(why).slice(0, placeCharacters)})` : ''}`;
}

function drawHop(drawing: Drawing, hop: PathHop, before: PathHop | null): void {
  const { color, sign } = marks[hop.status];
  const turns = before?.direction !== hop.direction;
  if (turns) drawing.lines(ways[hop.direction], margin, textWidth, { ...note, color: colors.ink }, 10);
  drawing.mark({ color, sign, joins: !turns, isCut: hop.status === 'lost' });
  drawing.lines(placeOf(hop), textX, textWidth, place);
  const state = { ...note, color: hop.status === 'lost' ? colors.lost : colors.quiet };
  drawing.lines(stateOf(hop), textX, textWidth, state);
}

interface Mark {
  readonly color: string;
  /** A path around the middle of the mark. */
  readonly sign: string;
  /** A line leads to it from the mark above. */
  readonly joins: boolean;
  /** That line is broken. */
  readonly isCut: boolean;
}

/** Shapes from top to bottom. */
class Drawing {
  private y = margin;
  private lastMark = 0;
  private readonly shapes: string[] = [];
  private readonly letters = new Map<string, string>();

  lines(text: string, x: number, room: number, style: TextStyle, space = 0): void {
    this.y += space;
    for (const line of wrapped(text, room, style.size, mostLines)) {
      this.y += style.size * lineHeight;
      const { shape, letters } = textShape(line, { x, y: this.y - style.size * 0.3 }, style);
      this.shapes.push(shape);
      for (const [id, letter] of letters) this.letters.set(id, letter);
    }
  }

  mark({ color, sign, joins, isCut }: Mark): void {
    this.y += 10;
    const middle = this.y + 11;
    if (joins) {
      const style = isCut ? `stroke="${colors.lost}" stroke-dasharray="3 5"` : `stroke="${colors.unknown}"`;
      this.shapes.push(`<path d="M${markX} ${fixed(this.lastMark + 14)}V${fixed(middle - 14)}" ${style}/>`);
    }
    this.shapes.push(
      `<g transform="translate(${markX} ${fixed(middle)})"><circle r="11" fill="${color}" stroke="none"/>` +
        `<path d="${sign}" stroke="#fff"/></g>`,
    );
    this.lastMark = middle;
  }

  svg(label: string): string {
    const height = Math.ceil(this.y + margin);
    const defs = [...this.letters].toSorted(([a], [b]) => a.localeCompare(b)).map(([, letter]) => letter);
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
      `<title>${escaped(label)}</title>`,
      `<defs>${defs.join('\n')}</defs>`,
      `<rect width="${width}" height="${height}" fill="#fff"/>`,
      `<g fill="none" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round">`,
      ...this.shapes,
      '</g>',
      '</svg>',
      '',
    ].join('\n');
  }
}
