import { z } from 'zod';

/** A string of 1 to `max` characters. */
export const text = (max: number) => z.string().min(1).max(max);

/** A `plain_text` object whose text has at most `max` characters. */
export const plainText = (max: number) =>
  z.strictObject({ type: z.literal('plain_text'), text: text(max), emoji: z.boolean().optional() });

/** A `mrkdwn` object whose text has at most `max` characters. */
export const mrkdwn = (max: number) =>
  z.strictObject({ type: z.literal('mrkdwn'), text: text(max), verbatim: z.boolean().optional() });

/** Either text object. */
export const anyText = (max: number) => z.discriminatedUnion('type', [plainText(max), mrkdwn(max)]);

/** A confirmation dialog. */
export const confirm = z.strictObject({
  title: plainText(100).optional(),
  text: anyText(300),
  confirm: plainText(30).optional(),
  deny: plainText(30).optional(),
  style: z.enum(['primary', 'danger']).optional(),
});

const optionRest = { value: text(75).optional(), description: plainText(75).optional(), url: text(3000).optional() };

/** An option of a select or overflow menu. */
export const plainOption = z.strictObject({ text: plainText(75), ...optionRest });

/** An option of checkboxes or radio buttons, which may hold mrkdwn. */
export const anyOption = z.strictObject({ ...optionRest, text: anyText(75) });

/** A named group of options. */
export const optionGroup = z.strictObject({ label: plainText(75), options: z.array(plainOption).min(1).max(100) });

/** A URL or an uploaded file as the source of a picture. */
export const imageSource = {
  image_url: text(3000).optional(),
  slack_file: z.union([z.strictObject({ url: text(3000) }), z.strictObject({ id: text(255) })]).optional(),
};

/** A small picture inside another block. */
export const imageElement = z.strictObject({ type: z.literal('image'), alt_text: text(2000), ...imageSource });
