import { h } from './dom.js';
import { emoji } from './emoji.js';
import { formatDate } from './when.js';
import { channelOf, userOf, world } from './world.js';

/**
 * Slack's mrkdwn as nodes: code blocks, quotes, and inline marks. Unless it is verbatim, bare addresses and names of
 * channels and people become links too.
 */
export function mrkdwn(text, verbatim = false) {
  const inline = (part) => inlineOf(part, verbatim);
  return text.split(/```\n?([\s\S]*?)\n?```/g).flatMap((part, index) => {
    if (index % 2 === 1) return [h('pre', { class: 'code' }, decode(part))];
    // The newline next to a code block is not a line of its own.
    const trimmed = part
      .replace(index > 0 ? /^\n/ : /(?!)/, '')
      .replace(/\n$/, index === 0 && !text.includes('```') ? '\n' : '');
    return trimmed === '' ? [] : quotesAndLines(trimmed, inline);
  });
}

/** Plain text as nodes; with emoji unless the text object says otherwise. */
export function plainText(text, withEmoji = true) {
  return lines(text, (line) => [!withEmoji ? line : line.replaceAll(/:([a-z0-9_+-]+):/g, (_, name) => emoji(name))]);
}

function quotesAndLines(text, inline) {
  const groups = [];
  for (const line of text.split('\n')) {
    const quoted = /^(?:&gt;|>)\s?/.test(line);
    const last = groups.at(-1);
    if (last && last.quoted === quoted) last.lines.push(line);
    else groups.push({ quoted, lines: [line] });
  }
  return groups.flatMap(({ quoted, lines: group }) => {
    if (!quoted) return lines(group.join('\n'), inline);
    return [h('blockquote', {}, lines(group.map((line) => line.replace(/^(?:&gt;|>)\s?/, '')).join('\n'), inline))];
  });
}

function lines(text, render) {
  return text.split('\n').flatMap((line, index) => (index === 0 ? render(line) : [h('br'), ...render(line)]));
}

const marks =
  /`([^`\n]+)`|<([^<>\n]+)>|:([a-z0-9_+-]+):|(?<![\w*])\*(?=\S)([^*\n]*[^*\s])\*(?![\w*])|(?<![\w_])_(?=\S)([^_\n]*[^_\s])_(?![\w_])|(?<![\w~])~(?=\S)([^~\n]*[^~\s])~(?![\w~])/;
const bare =
  /(https?:\/\/[^\s<>|]+[^\s<>|.,;:!?)'"])|(?<![\w.@])((?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|example)\b)|(?<!\w)([#@][a-z0-9][a-z0-9._-]*)/;
const marksAndBare = new RegExp(`${marks.source}|${bare.source}`);

function inlineOf(text, verbatim) {
  const nodes = [];
  const pattern = verbatim ? marks : marksAndBare;
  let rest = text;
  for (let match = pattern.exec(rest); match; match = pattern.exec(rest)) {
    nodes.push(decode(rest.slice(0, match.index)), ...marked(match, verbatim));
    rest = rest.slice(match.index + match[0].length);
  }
  return [...nodes, decode(rest)].filter((node) => node !== '');
}

function marked([, code, angled, name, bold, italic, strike, url, domain, named], verbatim) {
  const inline = (part) => inlineOf(part, verbatim);
  if (code !== undefined) return [h('code', {}, decode(code))];
  if (angled !== undefined) return [reference(angled)];
  if (name !== undefined) return [emoji(name)];
  if (bold !== undefined) return [h('strong', {}, inline(bold))];
  if (italic !== undefined) return [h('em', {}, inline(italic))];
  if (strike !== undefined) return [h('s', {}, inline(strike))];
  if (named !== undefined) return [nameLink(named)];
  return [domain === undefined ? link(decode(url), decode(url)) : link(`http://${domain}`, domain)];
}

/** A bare `#channel` or `@name`: a link where there is one of this name. */
function nameLink(text) {
  const name = text.slice(1);
  const known = text.startsWith('#')
    ? world.channels.some((one) => one.name === name)
    : ['channel', 'here', 'everyone'].includes(name) || world.users.some((one) => one.name === name);
  return known ? h('span', { class: 'mention' }, text) : text;
}

/** What stands between angle brackets: people, channels, groups, dates, links. */
function reference(inner) {
  const [target, label] = inner.split(/\|(.*)/s);
  if (target.startsWith('@')) return mention(target.slice(1), label);
  if (target.startsWith('#'))
    return h('span', { class: 'mention' }, `#${channelOf(target.slice(1))?.name ?? label ?? target.slice(1)}`);
  if (target.startsWith('!subteam^')) return groupMention(target.slice('!subteam^'.length), label);
  if (target.startsWith('!date^')) {
    const [, seconds, format] = target.split('^');
    return h('time', { title: label }, formatDate(Number(seconds), format ?? '{date} {time}'));
  }
  if (target.startsWith('!')) return h('span', { class: 'mention' }, `@${target.slice(1)}`);
  return /^(https?:|mailto:)/.test(target) ? link(decode(target), decode(label ?? target)) : decode(`<${inner}>`);
}

/** A person's mention. */
export function mention(id, label) {
  return h('span', { class: id === world.me ? 'mention me' : 'mention' }, `@${userOf(id)?.real_name ?? label ?? id}`);
}

/** A user group's mention. */
export function groupMention(id, label) {
  const handle = world.usergroups.find((one) => one.id === id)?.handle ?? label ?? id;
  return h('span', { class: 'mention' }, `@${handle.replace(/^@/, '')}`);
}

/** A link that opens elsewhere; only http, https and mailto addresses become links. */
export function link(url, label) {
  if (!/^(https?:|mailto:)/.test(url)) return label;
  return h('a', { href: url, target: '_blank', rel: 'noreferrer' }, label);
}

function decode(text) {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
