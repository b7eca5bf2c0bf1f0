import { z } from 'zod';
import { blocksOf, isObject, objectsOf } from '../json.ts';
import type { Block, Json } from '../model.ts';
import { SlackError } from '../slack-error.ts';
import { newBlockId } from '../state/ids.ts';
import { messageBlock, viewBlock } from './blocks.ts';
import { explainIssue } from './explain.ts';

/** Undocumented, measured by others: from about here on Slack answers msg_blocks_too_long. */
const MESSAGE_BLOCKS_CHARACTERS = 13_200;

/** Checks the blocks of a message. Throws `invalid_blocks_format`, `invalid_blocks` or `msg_blocks_too_long`. */
export function checkMessageBlocks(blocks: unknown, pointer = 'blocks'): Block[] {
  const checked = check(blocks, z.array(messageBlock).max(50), pointer, 'invalid_blocks');
  const types = new Set(checked.map((block) => block.type));
  if (types.has('plan') && types.has('task_card')) {
    throw new SlackError('invalid_blocks', [`plan and task_card blocks cannot be mixed [json-pointer:/${pointer}]`]);
  }
  if (checked.filter((block) => block.type === 'table').length > 1) {
    throw new SlackError('invalid_attachments', [`only_one_table_allowed [json-pointer:/${pointer}]`]);
  }
  if (JSON.stringify(checked).length > MESSAGE_BLOCKS_CHARACTERS) throw new SlackError('msg_blocks_too_long');
  return checked.map(withBlockId);
}

/** Checks the blocks of a modal or Home tab. Throws `invalid_arguments`, as views methods do. */
export function checkViewBlocks(blocks: unknown): Block[] {
  return check(blocks, z.array(viewBlock).max(100), 'view/blocks', 'invalid_arguments').map(withBlockId);
}

/**
 * Checks the attachments of a message and the blocks inside them. Throws `too_many_attachments` or
 * `invalid_attachments`.
 */
export function checkAttachments(attachments: unknown): Json[] {
  const parsed = z.array(z.record(z.string(), z.unknown())).safeParse(attachments);
  if (!parsed.success) throw new SlackError('invalid_attachments');
  if (parsed.data.length > 100) throw new SlackError('too_many_attachments');
  return parsed.data.map((attachment, index) => ({
    id: index + 1,
    ...attachment,
    ...(attachment['blocks'] === undefined
      ? {}
      : { blocks: checkMessageBlocks(attachment['blocks'], `attachments/${index}/blocks`) }),
  }));
}

function check(blocks: unknown, schema: z.ZodType, pointer: string, code: string): Block[] {
  if (!Array.isArray(blocks))
    throw new SlackError(code === 'invalid_blocks' ? 'invalid_blocks_format' : code, [
      'must provide an array [json-pointer:/' + pointer + ']',
    ]);
  const parsed = schema.safeParse(blocks, { reportInput: true });
  if (!parsed.success)
    throw new SlackError(
      code,
      parsed.error.issues.map((issue) => explainIssue(issue, pointer)),
    );
  const given = blocksOf(blocks);
  const ids = given.map((block) => block.block_id).filter((id) => id !== undefined);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined)
    throw new SlackError(code, [`\`block_id\` "${twice}" already exists [json-pointer:/${pointer}]`]);
  const actionTwice = given.findIndex(repeatsActionId);
  if (actionTwice >= 0)
    throw new SlackError(code, [
      `\`action_id\` already exists in the block [json-pointer:/${pointer}/${actionTwice}/elements]`,
    ]);
  return given;
}

function repeatsActionId(block: Block): boolean {
  const ids = objectsOf(block['elements'])
    .map((element) => element['action_id'])
    .filter((id) => id !== undefined);
  return new Set(ids).size < ids.length;
}

/** Slack names every block and interactive element that the app left nameless. */
function withBlockId(block: Block): Block {
  const named: Block = { ...block, block_id: block.block_id ?? newBlockId() };
  if (Array.isArray(named['elements']) && ['actions', 'context_actions'].includes(named.type)) {
    named['elements'] = objectsOf(named['elements']).map(withActionId);
  }
  for (const key of ['accessory', 'element'] as const) {
    const element = named[key];
    if (isObject(element) && element['type'] !== 'image') named[key] = withActionId(element);
  }
  if (Array.isArray(named['child_blocks'])) named['child_blocks'] = blocksOf(named['child_blocks']).map(withBlockId);
  return named;
}

function withActionId(element: Json): Json {
  return { ...element, action_id: element['action_id'] ?? newBlockId() };
}
