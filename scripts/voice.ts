/** Checks the wording of all that people read: the texts of the product, and the repository's documents. */
import { readFileSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { remarksOn, remarksOnTitle } from './voice-rules.ts';

const root = resolve(import.meta.dirname, '..');

/** Returns the remarks on a Markdown text, each with its line. Code and quotations of programs are not prose. */
export function voiceRemarks(markdown: string): readonly { readonly line: number; readonly remark: string }[] {
  let isCode = false;
  return markdown.split('\n').flatMap((text, at) => {
    if (/^\s*```/.test(text)) {
      isCode = !isCode;
      return [];
    }
    if (isCode) return [];
    const title = /^- `\w+` \*\*(.*)\*\*$/.exec(text)?.[1];
    const said = [...(title === undefined ? [] : remarksOnTitle(title)), ...prose(text).flatMap(remarksOn)];
    return said.map((remark) => ({ line: at + 1, remark }));
  });
}

/** The prose of a line: cells of a table one by one, without code, links' addresses, marks of lists, emoji. */
function prose(line: string): readonly string[] {
  const plain = line
    .replaceAll(/`[^`]*`/g, 'CODE')
    // The title of a test is checked where it stands, and lists of them are not sentences.
    .replaceAll(/\[[^\]]*\]\([^)]*\.test\.ts\)/g, 'TEST')
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/\*\*|:[a-z_]+:/g, '')
    .replace(/^[\s>#]*(?:[-•*]|\d+\.)?\s*/, '');
  return plain.startsWith('|') ? plain.split('|') : [plain];
}

/** Made from texts that test/golden/texts.md holds as well. */
const generated = /^docs\/(?:reference\.md|causes\/)/;

/** Files of the repository that people read, by their paths in it. */
function documents(): readonly string[] {
  const found = ['docs', 'deploy', 'tools'].flatMap((folder) =>
    readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
  );
  return [...readdirSync(root), ...found, 'test/golden/texts.md'].filter(
    (name) => name.endsWith('.md') && !generated.test(name),
  );
}

if (import.meta.main) {
  for (const path of documents()) {
    for (const { line, remark } of voiceRemarks(readFileSync(`${root}/${path}`, 'utf8'))) {
      console.error(`${path}:${line} ${remark}`);
      process.exitCode = 1;
    }
  }
}
