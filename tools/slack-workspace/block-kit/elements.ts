import { z } from 'zod';
import { anyOption, confirm, optionGroup, plainOption, plainText, text } from './objects.ts';
import { richText } from './rich-text.ts';

const actionable = { action_id: text(255).optional() };
const confirmable = { ...actionable, confirm: confirm.optional() };
const focusable = { focus_on_load: z.boolean().optional() };
const placeholder = { placeholder: plainText(150).optional() };
const typed = {
  ...actionable,
  ...focusable,
  ...placeholder,
  dispatch_action_config: z
    .strictObject({
      trigger_actions_on: z
        .array(z.enum(['on_enter_pressed', 'on_character_entered']))
        .min(1)
        .optional(),
    })
    .optional(),
};
const select = { ...confirmable, ...focusable, ...placeholder };
const multi = { ...select, max_selected_items: z.int().min(1).optional() };
const choices = {
  options: z.array(plainOption).min(1).max(100).optional(),
  option_groups: z.array(optionGroup).min(1).max(100).optional(),
};
const style = z.enum(['primary', 'danger']).optional();
const ids = z.array(z.string()).optional();
const ofConversations = {
  default_to_current_conversation: z.boolean().optional(),
  filter: z
    .strictObject({
      include: z
        .array(z.enum(['im', 'mpim', 'private', 'public']))
        .min(1)
        .optional(),
      exclude_external_shared_channels: z.boolean().optional(),
      exclude_bot_users: z.boolean().optional(),
    })
    .optional(),
};

/** A button. */
export const button = z.strictObject({
  type: z.literal('button'),
  ...confirmable,
  text: plainText(75),
  value: text(2000).optional(),
  url: text(3000).optional(),
  style,
  accessibility_label: text(75).optional(),
});

const workflowButton = z.strictObject({
  type: z.literal('workflow_button'),
  ...confirmable,
  text: plainText(75),
  workflow: z.strictObject({
    trigger: z.strictObject({
      url: text(3000),
      customizable_input_parameters: z.array(z.strictObject({ name: z.string(), value: z.string() })).optional(),
    }),
  }),
  style,
  accessibility_label: text(75).optional(),
});
const overflow = z.strictObject({
  type: z.literal('overflow'),
  ...confirmable,
  options: z.array(plainOption).min(1).max(5),
});
const checkboxes = z.strictObject({
  type: z.literal('checkboxes'),
  ...confirmable,
  ...focusable,
  options: z.array(anyOption).min(1).max(10),
  initial_options: z.array(anyOption).min(1).optional(),
});
const radioButtons = z.strictObject({
  type: z.literal('radio_buttons'),
  ...confirmable,
  ...focusable,
  options: z.array(anyOption).min(1).max(10),
  initial_option: anyOption.optional(),
});
const datepicker = z.strictObject({ type: z.literal('datepicker'), ...select, initial_date: z.iso.date().optional() });
const timepicker = z.strictObject({
  type: z.literal('timepicker'),
  ...select,
  initial_time: z
    .string()
    .regex(/^\d\d:\d\d$/)
    .optional(),
  timezone: z.string().optional(),
});
const datetimepicker = z.strictObject({
  type: z.literal('datetimepicker'),
  ...confirmable,
  ...focusable,
  initial_date_time: z.int().optional(),
});

const selects = [
  z.strictObject({ type: z.literal('static_select'), ...select, ...choices, initial_option: plainOption.optional() }),
  z.strictObject({
    type: z.literal('multi_static_select'),
    ...multi,
    ...choices,
    initial_options: z.array(plainOption).optional(),
  }),
  z.strictObject({
    type: z.literal('external_select'),
    ...select,
    initial_option: plainOption.optional(),
    min_query_length: z.int().optional(),
  }),
  z.strictObject({
    type: z.literal('multi_external_select'),
    ...multi,
    initial_options: z.array(plainOption).optional(),
    min_query_length: z.int().optional(),
  }),
  z.strictObject({ type: z.literal('users_select'), ...select, initial_user: z.string().optional() }),
  z.strictObject({ type: z.literal('multi_users_select'), ...multi, initial_users: ids }),
  z.strictObject({
    type: z.literal('conversations_select'),
    ...select,
    ...ofConversations,
    response_url_enabled: z.boolean().optional(),
    initial_conversation: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal('multi_conversations_select'),
    ...multi,
    ...ofConversations,
    initial_conversations: ids,
  }),
  z.strictObject({
    type: z.literal('channels_select'),
    ...select,
    response_url_enabled: z.boolean().optional(),
    initial_channel: z.string().optional(),
  }),
  z.strictObject({ type: z.literal('multi_channels_select'), ...multi, initial_channels: ids }),
] as const;

const plainTextInput = z.strictObject({
  type: z.literal('plain_text_input'),
  ...typed,
  initial_value: z.string().max(3000).optional(),
  multiline: z.boolean().optional(),
  min_length: z.int().min(0).max(3000).optional(),
  max_length: z.int().min(1).max(3000).optional(),
});
const richTextInput = z.strictObject({
  type: z.literal('rich_text_input'),
  ...typed,
  initial_value: richText.optional(),
  min_lines: z.int().optional(),
  max_lines: z.int().optional(),
});
const inputs = [
  plainTextInput,
  richTextInput,
  z.strictObject({ type: z.literal('email_text_input'), ...typed, initial_value: z.string().optional() }),
  z.strictObject({ type: z.literal('url_text_input'), ...typed, initial_value: z.string().optional() }),
  z.strictObject({
    type: z.literal('number_input'),
    ...typed,
    is_decimal_allowed: z.boolean(),
    initial_value: z.string().optional(),
    min_value: z.string().optional(),
    max_value: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal('file_input'),
    ...actionable,
    filetypes: ids,
    max_files: z.int().min(1).max(10).optional(),
  }),
] as const;

const besideText = [checkboxes, radioButtons, datepicker, timepicker] as const;
const pickers = [...besideText, datetimepicker] as const;

/** What an actions block may hold. */
export const actionsElement = z.discriminatedUnion('type', [
  button,
  workflowButton,
  overflow,
  ...pickers,
  ...selects,
  richTextInput,
]);

/** What may stand beside a section's text, pictures aside. */
export const accessoryElements = [button, workflowButton, overflow, ...besideText, ...selects] as const;

/** What an input block may hold. */
export const inputElement = z.discriminatedUnion('type', [...inputs, ...pickers, ...selects]);

const feedback = z.strictObject({ text: plainText(75), value: text(2000), accessibility_label: text(75).optional() });

/** What a context_actions block may hold. */
export const contextActionsElement = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('feedback_buttons'),
    ...actionable,
    positive_button: feedback,
    negative_button: feedback,
  }),
  z.strictObject({
    type: z.literal('icon_button'),
    ...confirmable,
    icon: text(255),
    text: plainText(75),
    value: text(2000).optional(),
    accessibility_label: text(75).optional(),
    visible_to_user_ids: ids,
  }),
]);
