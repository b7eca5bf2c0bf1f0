import { h } from './dom.js';
import { emoji } from './emoji.js';
import { link } from './mrkdwn.js';

/** A markdown block as nodes: headings, lists, quotes, fences, rules and paragraphs. */
export function markdown(text) {
  return text
    .split(/^```[^\n]*\n([\s\S]*?)\n?^```\s*$/gm)
    .flatMap((part, index) =>
      index % 2 === 1 ? [h('pre', { class: 'code' }, part)] : part.split(/\n{2,}/).flatMap(paragraph),
    );
}

function paragraph(text) {
  const trimmed = text.replace(/^\n+|\n+$/g, '');
  if (trimmed === '') return [];
  const heading = /^(#{1,6})\s+(.*)$/.exec(trimmed);
  if (heading && !trimmed.includes('\n'))
    return [h('p', { class: `heading level-${heading[1].length}` }, inline(heading[2]))];
  if (/^(-{3,}|\*{3,})$/.test(trimmed)) return [h('hr')];
  const rows = trimmed.split('\n');
  if (rows.every((row) => /^\s*[-*+]\s/.test(row)))
    return [
      h(
        'ul',
        {},
        rows.map((row) => h('li', {}, inline(row.replace(/^\s*[-*+]\s/, '')))),
      ),
    ];
  if (rows.every((row) => /^\s*\d+[.)]\s/.test(row)))
    return [
      h(
        'ol',
        {},
        rows.map((row) => h('li', {}, inline(row.replace(/^\s*\d+[.)]\s/, '')))),
      ),
    ];
  if (rows.every((row) => row.startsWith('>')))
    return [h('blockquote', {}, inline(rows.map((row) => row.replace(/^>\s?/, '')).join('\n')))];
  return [
    h(
      'p',
      {},
      rows.flatMap((row, index) => (index === 0 ? inline(row) : [h('br'), ...inline(row)])),
    ),
  ];
}

const marks =
  /`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)\s]+)\)|(?<!\w)[*_]([^*_\n]+)[*_](?!\w)|~~([^~]+)~~|:([a-z0-9_+-]+):/;

function inline(text) {
  const match = marks.exec(text);
  if (!match) return text === '' ? [] : [text];
  const [whole, code, bold, label, url, italic, strike, name] = match;
  const node =
    code !== undefined
      ? h('code', {}, code)
      : bold !== undefined
        ? h('strong', {}, inline(bold))
        : label !== undefined
          ? link(url, label)
          : italic !== undefined
            ? h('em', {}, inline(italic))
            : strike !== undefined
              ? h('s', {}, inline(strike))
              : emoji(name);
  return [text.slice(0, match.index), node, ...inline(text.slice(match.index + whole.length))].filter(
    (part) => part !== '',
  );
}
