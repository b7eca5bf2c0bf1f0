/** Words as people and their phones write them, as the grammar has them. */

const options = ['from', 'to', 'port', 'wait', 'family', 'in'] as const;

export const isOption = (word: string) => options.some((option) => option === word.replace(/^--/, ''));

const quotes = '"\'`\u2018\u2019\u201A\u201C\u201D\u201E\u00AB\u00BB';
const around = new RegExp(`^[${quotes}(]{1,9}|[${quotes}),.!?\u2026]{1,9}$`, 'g');
/** An arrow; Slack gives its head as it was typed. */
const arrows: ReadonlySet<string> = new Set(['->', '-->', '=>', '\u2192']);

/** Returns them without quotes, marks of a sentence, links of Slack, and the dashes that phones make of hyphens. */
export function plainWords(words: readonly string[]): readonly string[] {
  return words
    .map((word) => (arrows.has(word) ? 'to' : word))
    .map((word) => word.replace(/^<([^<|>]{1,300})(?:\|[^<>]{0,300})?>$/, '$1').replaceAll(around, ''))
    .map((word) => word.replace(/^[\u2013\u2014](?=[a-z]$)/, '-').replace(/^[\u2013\u2014](?=[a-z])/, '--'))
    .flatMap((word) => {
      const [, option = '', value = ''] =
        /^(--(?:from|to|port|wait|family|in|namespace)|-n)=(.+)$/.exec(word) ?? /^(-n)([a-z0-9].*)$/.exec(word) ?? [];
      return option === '' ? [word] : [option, value];
    })
    .filter((word) => word !== '' && word !== '-l' && word !== '--selector');
}
