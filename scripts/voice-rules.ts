/** The rules of plain wording that a machine can check. */

/** A remark about a text, with what to write instead. */
export interface VoiceRule {
  readonly pattern: RegExp;
  readonly say: string;
}

/** Words of one thing have one name; a sentence has a subject and an active verb. */
export const voiceRules: readonly VoiceRule[] = [
  { pattern: /\b(?:heal(?:ed|s|ing)?|cured?|repair(?:ed|s|ing)?|mend(?:ed|s|ing)?)\b/i, say: 'fix, fixed, verified' },
  { pattern: /\b(?:take|taken|took|takes) back\b/i, say: 'roll back' },
  {
    pattern: /\b(?:take a look|look(?:s|ed|ing)? (?:at|again|whether|why)|see to)\b/i,
    say: 'check, read, run again',
  },
  { pattern: /\b(?:could|can)(?:not| not) be (?:seen|looked at)\b/i, say: 'not checked: … (reason)' },
  { pattern: /\b(?:can|could|cannot|can't) be reached\b/i, say: 'is reachable, is unreachable, does not answer' },
  { pattern: /\bgets? through\b|\bopen way\b/i, say: 'reachable, answers, works' },
  { pattern: /\b(?:world has moved|known to be wrong)\b/i, say: 'changed since the plan; other faults' },
  { pattern: /\bstopped in the middle\b/i, say: 'failed part-way' },
  { pattern: /\brefuse[sd]? by design\b|\bby design\b/i, say: 'denied by policy X, which allows Y' },
  { pattern: /\b(?:network |sound )?cards?\b/i, say: 'network interface' },
  { pattern: /\b(?:whoever|look(?:s|ed|ing)? after)\b/i, say: 'the owner of …' },
  {
    pattern: /\b(?:quite|by now|meanwhile|all the same|of course|in place of|once more)\b/i,
    say: 'nothing: leave it out',
  },
  {
    pattern: /(?<!\bthere )\b(?:is|are|was|were) no (?!longer\b|more than\b)[a-z]/i,
    say: 'negate the verb: is not a …',
  },
  { pattern: /^(?:What|Who|Whether|Where|Whoever)\b[^?]*[.,:;]/, say: 'begin with the subject' },
  { pattern: /\bit is a mistake\b/i, say: 'This is a bug. Please report it.' },
];

/** Longest sentence, in words; longest title of a message, in characters. */
const longest = { sentence: 25, title: 150 } as const;

/** Returns what is wrong with one paragraph, a sentence at a time. */
export function remarksOn(paragraph: string): readonly string[] {
  return sentences(paragraph).flatMap((sentence) => [
    ...voiceRules.flatMap(({ pattern, say }) => {
      const found = pattern.exec(sentence);
      return found ? [`"${found[0].slice(0, 40)}": say ${say}`] : [];
    }),
    ...(wordsIn(sentence) > longest.sentence
      ? [`${wordsIn(sentence)} words in one sentence: "${sentence.slice(0, 50)}…"`]
      : []),
  ]);
}

/** Returns what is wrong with a title, which must stand alone in a notification. */
export function remarksOnTitle(title: string): readonly string[] {
  return title.length > longest.title ? [`${title.length} characters in a title: "${title.slice(0, 50)}…"`] : [];
}

/**
 * Sentences end at a full stop, a colon or a semicolon before a space, so that a list behind a colon counts by itself.
 */
function sentences(paragraph: string): readonly string[] {
  return paragraph
    .split(/(?<=[.?!:;])\s+/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '');
}

function wordsIn(sentence: string): number {
  return sentence.split(/\s+/).filter((word) => /[a-z]/i.test(word)).length;
}
