import { objectsOf, textOf } from '../json.ts';
import type { Json, StoredFile } from '../model.ts';
import { SlackError } from '../slack-error.ts';
import { newId } from '../state/ids.ts';
import type { World } from '../state/world.ts';
import { botMessage, inThread, readThreadTs } from './message-content.ts';
import { needMembership, type Method } from './method.ts';

/** Whether a file is a picture, by its first bytes. */
export const isPng = ({ content }: StoredFile) => content.subarray(1, 4).toString('latin1') === 'PNG';

function kindOf(file: StoredFile): Json {
  return isPng(file)
    ? { mimetype: 'image/png', filetype: 'png', pretty_type: 'PNG' }
    : { mimetype: 'text/plain', filetype: file.snippetType ?? 'text', pretty_type: 'Plain Text' };
}

/** A file as the Web API returns it. */
export function presentFile(world: World, file: StoredFile): Json {
  const url = `${world.origin}/files/${file.id}/${encodeURIComponent(file.name)}`;
  const channels = [...new Set(file.shares.map((share) => share.channel))];
  const inPublic = file.shares.filter((share) => share.channel.startsWith('C'));
  return {
    id: file.id,
    created: file.created,
    timestamp: file.created,
    name: file.name,
    title: file.title,
    ...kindOf(file),
    ...(file.alt === null ? {} : { alt_txt: file.alt }),
    user: file.user,
    editable: file.snippetType !== null,
    size: file.content.length,
    mode: file.snippetType === null ? 'hosted' : 'snippet',
    is_external: false,
    is_public: inPublic.length > 0,
    url_private: url,
    url_private_download: `${url}?download=1`,
    permalink: url,
    ...(isPng(file)
      ? {}
      : {
          preview: file.content.subarray(0, 600).toString('utf8'),
          lines: file.content.toString('utf8').split('\n').length,
        }),
    channels,
    groups: [],
    ims: [],
    shares: {
      public: Object.fromEntries(
        channels.map((channel) => [channel, inPublic.filter((share) => share.channel === channel)]),
      ),
    },
  };
}

const getUploadUrl: Method = {
  token: 'bot',
  scope: 'files:write',
  run({ args, world }) {
    const name = args.required('filename');
    const length = Number(args.required('length'));
    if (!Number.isInteger(length) || length < 1)
      throw new SlackError('invalid_arguments', ['length must be a positive number']);
    const file: StoredFile = {
      id: newId('F'),
      name,
      title: name,
      length,
      content: Buffer.alloc(0),
      uploaded: false,
      complete: false,
      snippetType: args.text('snippet_type') ?? null,
      alt: args.text('alt_text') ?? null,
      user: world.start.app.bot_user_id,
      created: Math.floor(world.now() / 1000),
      shares: [],
    };
    world.files.set(file.id, file);
    return { upload_url: `${world.origin}/upload/v1/${file.id}`, file_id: file.id };
  },
};

const completeUpload: Method = {
  token: 'bot',
  scope: 'files:write',
  run({ args, world, events }) {
    const asked = args.json('files', 'invalid_arguments');
    if (!Array.isArray(asked) || asked.length === 0)
      throw new SlackError('invalid_arguments', ['missing required field: files']);
    const files = objectsOf(asked).map(({ id, title }) => {
      const file = world.files.get(textOf(id));
      if (!file || !file.uploaded) throw new SlackError('file_not_found');
      if (file.complete) throw new SlackError('file_already_completed');
      return Object.assign(file, typeof title === 'string' ? { title } : {});
    });
    const channelId = args.text('channel_id');
    const channel = channelId === undefined ? null : world.channels.find(channelId);
    if (channel) needMembership(world, channel);
    const threadTs = readThreadTs(args);
    for (const file of files) file.complete = true;
    if (channel) {
      const content = {
        text: args.text('initial_comment'),
        blocks: undefined,
        attachments: undefined,
        metadata: undefined,
      };
      const message = inThread(world, channel.id, botMessage(world, content), threadTs);
      for (const file of files) file.shares.push({ channel: channel.id, ts: message.ts, thread_ts: threadTs ?? null });
      events.messagePosted(
        world.messages.add(channel.id, { ...message, files: files.map((file) => presentFile(world, file)) }),
      );
    }
    world.changes.announce({ kind: 'file' });
    return { files: files.map((file) => presentFile(world, file)) };
  },
};

const info: Method = {
  token: 'bot',
  scope: 'files:read',
  run({ args, world }) {
    const file = world.files.get(args.required('file'));
    if (!file?.complete) throw new SlackError('file_not_found');
    return { file: presentFile(world, file), comments: [], response_metadata: { next_cursor: '' } };
  },
};

/** The files.* methods. */
export const fileMethods: Record<string, Method> = {
  'files.getUploadURLExternal': getUploadUrl,
  'files.completeUploadExternal': completeUpload,
  'files.info': info,
};
