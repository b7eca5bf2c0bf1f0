/** Texts of others that would be markup, a mention or a second line if anything took them so. */
import * as fc from 'fast-check';

/** Words that would show themselves if anything parsed them: no text of ours has these emoji, names or words. */
const pieces = [
  '*evilbold*',
  '_evilitalic_',
  '~evilstrike~',
  '`evilcode`',
  ':ghost:',
  '<!channel>',
  '<!here>',
  '<@U0CAROL>',
  '<#C0GENERAL>',
  '<https://evil.example|evillink>',
  'https://evil.example/login',
  'http://evil.example',
  'evil.example',
  '#general',
  '@carol',
  '@channel',
  '```evilfence```',
  '&lt;!channel&gt;',
  '\u202Eevil\u2066',
  '\u200B',
  '\u001B[2J',
  '\u009B31m',
  ' '.repeat(300),
  '\u3000'.repeat(80),
  '\uD83D',
  '\u0000',
] as const;
/** Whole addresses: where a field may be one, it becomes a link. */
const addresses = [
  'https://evil.example/login',
  'https://good.example@evil.example:8443/|good>',
  'http://evil.example/?to=<!channel>',
  `https://${'evil.'.repeat(60)}example/`,
  'javascript:alert(1)//evil.example',
] as const;
const breaks = ['\n', '\r', '\r\n', '\v', '\f', '\u0085', '\u2028', '\u2029', '\n\n> ', '\n• '] as const;
export const hostileText = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .array(
        fc.oneof(
          fc.constantFrom(...pieces),
          fc.constantFrom(...breaks).map((line) => `${line}EVILLINE `),
          fc.string({ unit: 'binary', maxLength: 8 }),
        ),
        { minLength: 1, maxLength: 12 },
      )
      .map((list) => list.join('')),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...pieces, ...breaks).map((piece) => piece.repeat(Math.ceil(90_000 / piece.length))),
  },
  { weight: 2, arbitrary: fc.constantFrom(...addresses) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(`line1\nEVILLINE :ghost: *evilbold* can be reached`, '\nEVILLINE '.repeat(9000)),
  },
);
