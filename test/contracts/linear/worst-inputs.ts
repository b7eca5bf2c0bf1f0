/**
 * Inputs on which a pattern is slow if it can be: whatever in it repeats without end is pumped, behind what stands
 * before it and between copies of that, and what could end a match is kept away.
 */

/** A part of a pattern in the order of the text that it matches. */
interface Part {
  /** Texts that it matches, the plainest first. */
  readonly samples: readonly string[];
  /** It repeats without end, or so often that it makes no difference. */
  readonly unbounded: boolean;
}

const candidates = [
  'a',
  'A',
  '0',
  '-',
  '.',
  ' ',
  '_',
  '/',
  ':',
  '=',
  '+',
  ',',
  '"',
  "'",
  '\\',
  '\t',
  '\n',
  'x',
  '@',
  'é',
];
const often = 1000;

/** An input of this length, in characters. */
export type Input = (length: number) => string;

const filled =
  (piece: string): Input =>
  (length) =>
    piece.repeat(Math.ceil(length / piece.length)).slice(0, length);

export function worstInputs(source: string, flags: string): readonly Input[] {
  const parts = partsOf(source, flags);
  const plain = parts.map(({ samples }) => samples[0] ?? '');
  const pieces = new Set<string>();
  const heads = new Set<readonly [string, string]>();
  for (const [at, part] of parts.entries()) {
    const before = plain.slice(0, at).join('');
    const near = plain.slice(Math.max(0, at - 6), at).join('');
    for (const sample of part.samples.slice(0, part.unbounded ? 8 : 2)) {
      pieces.add(sample);
      if (!part.unbounded) continue;
      heads.add([before, sample]);
      for (const text of [before, near])
        pieces
          .add(text + sample)
          .add(sample + text)
          .add(text + sample.repeat(9));
    }
    pieces.add(`${before}${plain[at]}`).add(`${plain[at]}${plain[at + 1] ?? ''}`);
  }
  pieces.delete('');
  return [
    ...[...pieces].map(filled),
    ...[...heads].map(([head, sample]): Input => {
      const fill = filled(sample);
      return (length) => `${head}${fill(length)}`;
    }),
  ].flatMap((input): readonly Input[] => [input, (length) => `${input(length)}\u0000`]);
}

/** Reads a pattern: groups are entered, alternatives stand one behind the other, what matches no text is left out. */
function partsOf(source: string, flags: string): readonly Part[] {
  const parts: Part[] = [];
  /** Where each open group's parts begin. */
  const open: number[] = [];
  let at = 0;
  while (at < source.length) {
    const rest = source.slice(at);
    const group = /^\((?:\?(?:[:=!]|<[=!]|<\w+>))?/.exec(rest);
    const atom = group ? group[0] : atomAt(rest);
    at += atom.length;
    if (group) {
      open.push(parts.length);
      continue;
    }
    const from = atom === ')' ? (open.pop() ?? 0) : parts.length;
    if (atom !== ')' && !/^(?:[|^$]|\\[bB])$/.test(atom))
      parts.push({ samples: samplesOf(atom, flags), unbounded: false });
    const [quantifier = '', , most] = /^(?:[*+?]|\{(\d+)(?:,(\d*))?\})\??/.exec(source.slice(at)) ?? [];
    at += quantifier.length;
    if (!/^[*+]/.test(quantifier) && (most === undefined || (most !== '' && Number(most) < often))) continue;
    const repeated = parts.splice(from);
    parts.push(...repeated.map((part) => ({ ...part, unbounded: true })));
    if (repeated.length > 1)
      parts.push({ samples: [repeated.map(({ samples }) => samples[0] ?? '').join('')], unbounded: true });
  }
  return parts;
}

function atomAt(rest: string): string {
  return (
    /^\[(?:[^\]\\]|\\[^])*\]/.exec(rest)?.[0] ??
    /^\\(?:u\{[\dA-F]+\}|u[\dA-F]{4}|x[\dA-F]{2}|[pP]\{[^}]*\}|k<\w+>|[^])/i.exec(rest)?.[0] ??
    rest[0] ??
    ''
  );
}

function samplesOf(atom: string, flags: string): readonly string[] {
  if (atom.length === 1 && atom !== '.') return [atom];
  const matches = new RegExp(`^${atom}$`, flags.replaceAll(/[gy]/g, ''));
  const samples = candidates.filter((candidate) => matches.test(candidate));
  const literal = /^\\([^\w])$/.exec(atom)?.[1];
  if (literal !== undefined) return [literal];
  for (let code = 32; samples.length === 0 && code < 0x3000; code += 1)
    if (matches.test(String.fromCodePoint(code))) samples.push(String.fromCodePoint(code));
  return samples;
}
