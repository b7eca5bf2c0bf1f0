import { h } from './dom.js';
import { emoji } from './emoji.js';
import { groupMention, link, mention } from './mrkdwn.js';
import { formatDate } from './when.js';
import { channelOf } from './world.js';

/** A rich_text block as nodes. */
export function richText(block) {
  return block.elements.map((element) => {
    switch (element.type) {
      case 'rich_text_list':
        return h(
          element.style === 'ordered' ? 'ol' : 'ul',
          { class: `indent-${element.indent ?? 0}`, start: element.offset ? element.offset + 1 : null },
          element.elements.map((item) => h('li', {}, parts(item.elements))),
        );
      case 'rich_text_quote':
        return h('blockquote', {}, parts(element.elements));
      case 'rich_text_preformatted':
        return h('pre', { class: 'code' }, parts(element.elements));
      default:
        return h('div', { class: 'rich-section' }, parts(element.elements));
    }
  });
}

function parts(elements) {
  return elements.map((element) => styled(part(element), element.style ?? {}));
}

function part(element) {
  switch (element.type) {
    case 'text':
      return element.text;
    case 'link':
      return link(element.url, element.text ?? element.url);
    case 'user':
      return mention(element.user_id);
    case 'usergroup':
      return groupMention(element.usergroup_id);
    case 'channel':
      return h('span', { class: 'mention' }, `#${channelOf(element.channel_id)?.name ?? element.channel_id}`);
    case 'broadcast':
      return h('span', { class: 'mention' }, `@${element.range}`);
    case 'emoji':
      return emoji(element.name);
    case 'date':
      return formatDate(element.timestamp, element.format);
    case 'color':
      return h('code', {}, element.value);
    default:
      return element.fallback ?? '';
  }
}

function styled(node, style) {
  const tags = { code: 'code', bold: 'strong', italic: 'em', strike: 's', underline: 'u' };
  return Object.entries(tags).reduce((inner, [name, tag]) => (style[name] ? h(tag, {}, inner) : inner), node);
}
