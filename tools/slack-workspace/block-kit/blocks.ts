import { z } from 'zod';
import { accessoryElements, actionsElement, button, contextActionsElement, inputElement } from './elements.ts';
import { anyText, imageElement, imageSource, mrkdwn, plainText, text } from './objects.ts';
import { richText } from './rich-text.ts';

/* The limits are those that the shipped types of @slack/types state; see also the docs of each block. */

const id = { block_id: text(255).optional() };

const section = z
  .strictObject({
    type: z.literal('section'),
    ...id,
    text: anyText(3000).optional(),
    fields: z.array(anyText(2000)).min(1).max(10).optional(),
    accessory: z.discriminatedUnion('type', [imageElement, ...accessoryElements]).optional(),
    expand: z.boolean().optional(),
  })
  .refine((block) => block.text !== undefined || block.fields !== undefined, {
    error: 'missing required field: text or fields',
  });

const actions = z.strictObject({ type: z.literal('actions'), ...id, elements: z.array(actionsElement).min(1).max(25) });
const context = z.strictObject({
  type: z.literal('context'),
  ...id,
  elements: z
    .array(z.discriminatedUnion('type', [imageElement, plainText(3000), mrkdwn(3000)]))
    .min(1)
    .max(10),
});
const divider = z.strictObject({ type: z.literal('divider'), ...id });
const header = z.strictObject({ type: z.literal('header'), ...id, text: plainText(150) });
const image = z
  .strictObject({
    type: z.literal('image'),
    ...id,
    alt_text: text(2000),
    title: plainText(2000).optional(),
    ...imageSource,
  })
  .refine((block) => (block.image_url === undefined) !== (block.slack_file === undefined), {
    error: 'missing required field: image_url or slack_file',
  });
const input = z.strictObject({
  type: z.literal('input'),
  ...id,
  label: plainText(2000),
  hint: plainText(2000).optional(),
  element: inputElement,
  optional: z.boolean().optional(),
  dispatch_action: z.boolean().optional(),
});
const video = z.strictObject({
  type: z.literal('video'),
  ...id,
  video_url: text(3000),
  thumbnail_url: text(3000),
  alt_text: text(2000),
  title: plainText(200),
  title_url: text(3000).optional(),
  author_name: text(50).optional(),
  provider_name: text(50).optional(),
  provider_icon_url: text(3000).optional(),
  description: plainText(200).optional(),
});
const alert = z.strictObject({
  type: z.literal('alert'),
  ...id,
  text: anyText(3000),
  level: z.enum(['default', 'info', 'warning', 'error', 'success']).optional(),
});

const rawText = z.strictObject({ type: z.literal('raw_text'), text: z.string() });
const rawNumber = z.strictObject({ type: z.literal('raw_number'), value: z.number(), text: z.string() });
const cell = z.discriminatedUnion('type', [rawText, rawNumber, richText]);
const table = z.strictObject({
  type: z.literal('table'),
  ...id,
  rows: z.array(z.array(cell).min(1).max(20)).min(1).max(100),
  column_settings: z
    .array(
      z.strictObject({
        align: z.enum(['left', 'center', 'right']).optional(),
        is_wrapped: z.boolean().optional(),
      }),
    )
    .max(20)
    .optional(),
});
const dataTable = z
  .strictObject({
    type: z.literal('data_table'),
    ...id,
    caption: z.string().min(1),
    page_size: z.int().min(1).max(100).optional(),
    row_header_column_index: z.int().min(0).optional(),
    rows: z.array(z.array(cell).min(1).max(20)).min(2).max(101),
  })
  .refine((block) => block.rows[0]?.every((one) => one.type !== 'rich_text'), {
    error: 'header cells may not be rich_text',
  });

const markdown = z.strictObject({ type: z.literal('markdown'), ...id, text: text(12_000) });
const contextActions = z.strictObject({
  type: z.literal('context_actions'),
  ...id,
  elements: z.array(contextActionsElement).min(1).max(5),
});
const card = z
  .strictObject({
    type: z.literal('card'),
    ...id,
    hero_image: imageElement.optional(),
    icon: imageElement.optional(),
    title: mrkdwn(150).optional(),
    subtitle: mrkdwn(150).optional(),
    body: mrkdwn(200).optional(),
    actions: z.array(button).min(1).optional(),
  })
  .refine((block) => [block.hero_image, block.title, block.actions, block.body].some(Boolean), {
    error: 'missing required field: hero_image, title, actions or body',
  });
const carousel = z.strictObject({ type: z.literal('carousel'), ...id, elements: z.array(card).min(1).max(10) });
const taskCard = z.strictObject({
  type: z.literal('task_card'),
  ...id,
  task_id: text(255),
  title: text(3000),
  status: z.enum(['pending', 'in_progress', 'complete', 'error']),
  details: richText.optional(),
  output: richText.optional(),
  sources: z.array(z.strictObject({ type: z.literal('url'), url: text(3000), text: text(3000) })).optional(),
});
const plan = z.strictObject({
  type: z.literal('plan'),
  ...id,
  title: text(3000),
  tasks: z.array(taskCard).max(50).optional(),
});
const container = z
  .strictObject({
    type: z.literal('container'),
    ...id,
    title: plainText(150).optional(),
    rich_text_title: richText.optional(),
    subtitle: anyText(150).optional(),
    child_blocks: z
      .array(
        z.discriminatedUnion('type', [
          actions,
          context,
          divider,
          header,
          image,
          input,
          richText,
          section,
          table,
          video,
        ]),
      )
      .min(1)
      .max(10),
    width: z.enum(['narrow', 'standard', 'wide', 'full']).optional(),
    icon: imageElement.optional(),
    is_collapsible: z.boolean().optional(),
    default_collapsed: z.boolean().optional(),
    has_header_divider: z.boolean().optional(),
  })
  .refine((block) => block.title !== undefined || block.rich_text_title !== undefined, {
    error: 'missing required field: title or rich_text_title',
  })
  .refine((block) => block.default_collapsed !== true || block.is_collapsible === true, {
    error: 'default_collapsed requires is_collapsible',
  });

const everywhere = [
  section,
  actions,
  context,
  divider,
  header,
  image,
  input,
  richText,
  video,
  alert,
  container,
] as const;

/** A block of a message. `file` blocks are only ever read, never sent. */
export const messageBlock = z.discriminatedUnion('type', [
  ...everywhere,
  table,
  dataTable,
  markdown,
  contextActions,
  card,
  carousel,
  taskCard,
  plan,
]);

/** A block of a modal or Home tab. */
export const viewBlock = z.discriminatedUnion('type', [...everywhere]);
