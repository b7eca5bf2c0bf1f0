import { h } from './dom.js';
import { interactive } from './elements.js';
import { markdown } from './markdown.js';
import { mrkdwn } from './mrkdwn.js';
import { richText } from './rich-text.js';
import { textObject } from './text-object.js';

/** Blocks as nodes. `use(block, element, value)` is called when the person acts on an element. */
export function renderBlocks(blocks, use) {
  return blocks.map((block) => {
    const node = renderers[block.type]?.(block, use) ?? h('div', { class: 'unknown' }, `(${block.type})`);
    node.classList.add('block', block.type.replaceAll('_', '-'));
    if (block.block_id) node.dataset.blockId = block.block_id;
    return node;
  });
}

const acting = (block, use) => use && ((element, value) => use(block, element, value));
const picture = (element, className) =>
  h('img', {
    class: className,
    src: element.image_url ?? element.slack_file?.url,
    alt: element.alt_text,
    loading: 'lazy',
  });

const renderers = {
  section: (block, use) =>
    h(
      'div',
      {},
      h(
        'div',
        { class: 'section-text' },
        block.text ? h('div', { class: 'text' }, textObject(block.text)) : null,
        block.fields
          ? h(
              'div',
              { class: 'fields' },
              block.fields.map((field) => h('div', { class: 'text' }, textObject(field))),
            )
          : null,
      ),
      block.accessory
        ? h(
            'div',
            { class: 'accessory' },
            block.accessory.type === 'image'
              ? picture(block.accessory, 'accessory-image')
              : interactive(block.accessory, acting(block, use)),
          )
        : null,
    ),
  header: (block) => h('h3', {}, textObject(block.text)),
  divider: () => h('hr'),
  context: (block) =>
    h(
      'div',
      {},
      block.elements.map((element) =>
        element.type === 'image'
          ? picture(element, 'context-image')
          : h('span', { class: 'text' }, textObject(element)),
      ),
    ),
  actions: (block, use) =>
    h(
      'div',
      {},
      block.elements.map((element) => interactive(element, acting(block, use))),
    ),
  context_actions: (block, use) =>
    h(
      'div',
      {},
      block.elements.map((element) => interactive(element, acting(block, use))),
    ),
  image: (block) =>
    h('figure', {}, block.title ? h('figcaption', {}, textObject(block.title)) : null, picture(block, 'image')),
  markdown: (block) => h('div', {}, markdown(block.text)),
  rich_text: (block) => h('div', {}, richText(block)),
  alert: (block) => h('div', { data: { level: block.level ?? 'default' }, role: 'note' }, textObject(block.text)),
  video: (block) =>
    h(
      'div',
      {},
      h('a', { href: block.title_url ?? block.video_url, target: '_blank', rel: 'noreferrer' }, block.title.text),
    ),
  input: (block, use) =>
    h(
      'div',
      {},
      // Checkboxes and radio buttons bring labels of their own.
      h(
        /^(checkboxes|radio_buttons)$/.test(block.element.type) ? 'div' : 'label',
        { class: 'field' },
        h('span', { class: 'label' }, textObject(block.label), block.optional ? h('small', {}, ' (optional)') : null),
        interactive(block.element, block.dispatch_action ? acting(block, use) : null),
      ),
      block.hint ? h('div', { class: 'hint' }, textObject(block.hint)) : null,
      h('div', { class: 'error', role: 'alert' }),
    ),
  table: (block) => tableOf(block.rows, block.column_settings ?? [], null),
  data_table: (block) => tableOf(block.rows, [], block.caption),
  card: (block, use) =>
    h(
      'div',
      {},
      block.hero_image ? picture(block.hero_image, 'hero') : null,
      block.title
        ? h(
            'div',
            { class: 'card-title' },
            block.icon ? picture(block.icon, 'context-image') : null,
            mrkdwn(block.title.text),
          )
        : null,
      block.subtitle ? h('div', { class: 'card-subtitle' }, mrkdwn(block.subtitle.text)) : null,
      block.body ? h('div', { class: 'text' }, mrkdwn(block.body.text)) : null,
      block.actions
        ? h(
            'div',
            { class: 'block actions' },
            block.actions.map((element) => interactive(element, acting(block, use))),
          )
        : null,
    ),
  carousel: (block, use) => h('div', {}, renderBlocks(block.elements, use)),
  container: (block, use) => container(block, use),
  plan: (block) => h('div', {}, h('div', { class: 'plan-title' }, block.title), (block.tasks ?? []).map(task)),
  task_card: (block) => h('div', {}, task(block)),
};

function container(block, use) {
  const title = block.rich_text_title ? richText(block.rich_text_title) : textObject(block.title);
  const head = [
    h('span', { class: 'container-title' }, title),
    block.subtitle ? h('span', { class: 'card-subtitle' }, textObject(block.subtitle)) : null,
  ];
  const body = renderBlocks(block.child_blocks, use);
  if (!block.is_collapsible) return h('div', {}, h('div', { class: 'container-head' }, head), body);
  return h('details', { open: !block.default_collapsed }, h('summary', { class: 'container-head' }, head), body);
}

const taskSigns = { pending: '○', in_progress: '◐', complete: '✓', error: '✕' };

function task(one) {
  const more = [one.details, one.output].filter(Boolean);
  const title = [
    h('span', { class: `task-sign ${one.status}`, title: one.status }, taskSigns[one.status] ?? '○'),
    h('span', {}, one.title),
  ];
  return more.length === 0
    ? h('div', { class: 'task' }, title)
    : h(
        'details',
        { class: 'task' },
        h('summary', {}, title),
        more.map((part) => h('div', { class: 'task-more' }, richText(part))),
      );
}

function tableOf(rows, settings, caption) {
  const cell = (tag) => (one, column) =>
    h(
      tag,
      {
        class: [`align-${settings[column]?.align ?? 'left'}`, settings[column]?.is_wrapped ? 'wrapped' : ''].join(' '),
      },
      one.type === 'rich_text' ? richText(one) : one.text,
    );
  const [head, ...body] = rows;
  return h(
    'div',
    { class: 'table-scroll' },
    h(
      'table',
      {},
      caption ? h('caption', {}, caption) : null,
      h('thead', {}, h('tr', {}, head.map(cell('th')))),
      h(
        'tbody',
        {},
        body.map((row) => h('tr', {}, row.map(cell('td')))),
      ),
    ),
  );
}
