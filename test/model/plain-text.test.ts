import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { oneLine, visible } from '../../src/model/plain-text.ts';

test.each([
  ['ESC and BEL', '\u001B[2J\u001B]0;title\u0007', String.raw`\x1b[2J\x1b]0;title\x07`],
  ['backspace, carriage return, NUL, DEL', 'a\bb\rc\0d\u007F', String.raw`a\x08b\x0dc\x00d\x7f`],
  ['C1 controls', 'a\u0085b\u009B31m', String.raw`a\x85b\x9b31m`],
  ['direction overrides and isolates', '\u202Eabc\u202C \u2066x\u2069', String.raw`\u202eabc\u202c \u2066x\u2069`],
  ['zero-width characters', 'a\u200Bb\uFEFF\u2060', String.raw`a\u200bb\ufeff\u2060`],
  ['separators of lines and paragraphs', 'a\u2028b\u2029c', String.raw`a\u2028b\u2029c`],
  ['tags', 'a\u{E0041}', String.raw`a\u{e0041}`],
  ['half of a character', 'a\uD83Db', 'a\uFFFDb'],
])('%s are written out', (_, text, shown) => {
  expect(visible(text)).toBe(shown);
});

test('text of any language, emoji, tabs and line feeds stay as they are', () => {
  const text = 'zwölf\tشبكة 网络\n👩‍💻 नेटवर्क 🟢';
  expect(visible(text)).toBe(text);
});

test('every break of a line is shown in the one line', () => {
  expect(oneLine('a\nb\r\nc\rd\ve\ff\u0085g\u2028h\u2029i\tj')).toBe('a↵b↵c↵d↵e↵f↵g↵h↵i j');
});

test('one line holds nothing that acts, whatever comes in', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      expect(oneLine(text)).not.toMatch(
        /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/u,
      );
      expect(oneLine(oneLine(text))).toBe(oneLine(text));
    }),
    { numRuns: 500 },
  );
});
