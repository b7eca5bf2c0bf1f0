/** What the bot needs of Slack, tried by doing it; nothing is posted. */
import { tokenRefusals, type SlackAnswer, type SlackQuestions } from '../model/slack-setup.ts';
import { failed, limited, ok, type Check, type Trouble } from './check.ts';
import { someOf } from '../model/words.ts';

export interface SlackSettings {
  readonly alertChannels: readonly string[];
  /** Where posts of other apps are read as alerts. */
  readonly postChannels: readonly string[];
  readonly approvers: readonly string[];
}

/** Scopes of the bot token that the bot needs, with what it cannot do without each. */
export const neededScopes: Readonly<Record<string, string>> = {
  commands: 'take /calico',
  'chat:write': 'post threads',
  'files:write': 'share evidence and reports',
  'channels:history': 'hear replies and posts, and find its thread again in a public channel',
  'groups:history': 'hear replies and posts, and find its thread again in a private channel',
  'im:history': 'hear direct messages',
  'app_mentions:read': 'hear mentions',
  'channels:read': 'find a channel by its name',
  'channels:join': 'join a public channel to post alerts there',
  'metadata.message:read': 'recognise its own messages',
  'usergroups:read': 'ask who is in a user group of APPROVERS',
  'users:read': 'check the people of APPROVERS',
};

/** Says why Slack does not let the bot in, and what to do. @param key the setting that was used */
export function slackTrouble(
  key: 'SLACK_BOT_TOKEN' | 'SLACK_APP_TOKEN',
  { code, why }: { readonly code: string | null; readonly why: string },
): Trouble {
  const place =
    key === 'SLACK_BOT_TOKEN'
      ? 'the Bot User OAuth Token under OAuth & Permissions'
      : 'an app-level token with the scope connections:write from the settings';
  if (code !== null && tokenRefusals.has(code))
    return { text: `Slack does not accept ${key} (${code})`, next: `Copy ${place} of the app` };
  if (code === 'missing_scope') return { text: `${key} lacks a scope (${why})`, next: `Use ${place} of the app` };
  if (code !== null) return { text: `Slack refuses ${key} (${code})`, next: 'Check the app at api.slack.com/apps' };
  return {
    text: `Slack does not answer: ${why}`,
    next: 'Run curl -sS https://slack.com/api/api.test where the bot runs, and check SLACK_API_URL',
  };
}

/** Returns a line for each cause. Where Slack does not let the bot in, nothing else is asked. */
export async function checkSlack(
  slack: SlackQuestions,
  { alertChannels, postChannels, approvers }: SlackSettings,
): Promise<readonly Check[]> {
  const [bot, socket] = await Promise.all([slack.bot(), slack.socket?.() ?? null]);
  const socketCheck = socket === null ? [] : [socketLine(socket)];
  const isSilent = !bot.ok && bot.code === null;
  if (!bot.ok) return [failed('Slack', slackTrouble('SLACK_BOT_TOKEN', bot)), ...(isSilent ? [] : socketCheck)];
  const { name, scopes } = bot.value;
  const [channels, people] = await Promise.all([
    Promise.all([
      ...alertChannels.map((channel) => channelLines(slack, channel, postedTo)),
      ...postChannels.map((channel) => channelLines(slack, channel, heardIn)),
    ]),
    approverLines(slack, approvers),
  ]);
  const ofScopes = scopeLines(scopes);
  const isLacking = ofScopes.some(({ state }) => state !== 'ok');
  // The line of the scopes names what is lacking: what could not be asked for want of it is no cause of its own.
  const others = [...channels.flat(), ...people].filter(({ text }) => !isLacking || !/\bmissing_scope\b/.test(text));
  return [ok('Slack', name), ...socketCheck, ...ofScopes, ...others];
}

function socketLine(answer: SlackAnswer): Check {
  return answer.ok ? ok('Socket Mode', 'it opens') : failed('Socket Mode', slackTrouble('SLACK_APP_TOKEN', answer));
}

function scopeLines(scopes: readonly string[] | null): readonly Check[] {
  if (scopes === null) return [];
  const lacking = Object.entries(neededScopes).filter(([scope]) => !scopes.includes(scope));
  if (lacking.length === 0) return [ok('Slack scopes', 'complete')];
  const trouble = {
    text:
      `the bot token lacks ${lacking.map(([scope]) => scope).join(', ')}: ` +
      `the bot cannot ${lacking.map(([, what]) => what).join(', ')}`,
    next: 'Add the scopes under OAuth & Permissions of the app, and install it to the workspace again',
  };
  return [(lacking.some(([scope]) => scope === 'chat:write') ? failed : limited)('Slack scopes', trouble)];
}

/** What the bot does in a channel, and what it cannot do where it is not. */
interface ChannelUse {
  readonly name: string;
  readonly cannot: string;
}
const postedTo: ChannelUse = { name: 'alert channel', cannot: 'cannot post alerts there' };
const heardIn: ChannelUse = { name: 'channel of posted alerts', cannot: 'cannot hear alerts there' };

async function channelLines(
  slack: SlackQuestions,
  channel: string,
  { name, cannot }: ChannelUse,
): Promise<readonly Check[]> {
  const part = `${name} ${channel}`;
  if (!/^[CG][A-Z0-9]{4,}$/.test(channel))
    return [
      limited(part, {
        text: 'not checked: Slack is asked about a channel by its id only',
        next: 'Set the id of the channel (C…), which Slack shows at the end of its details',
      }),
    ];
  const answer = await slack.channel(channel);
  if (answer.ok) return [ok(part, 'the bot is in it')];
  const invite = 'Run /invite @BOT in the channel';
  if (answer.code === 'not_in_channel')
    return [limited(part, { text: `the bot is not in it, and ${cannot}`, next: invite })];
  if (answer.code === 'channel_not_found' || answer.code === 'is_archived')
    return [
      limited(part, {
        text: `Slack has no such channel for the bot (${answer.code}): it ${cannot}`,
        next: `Correct the id, or, if the channel is private: ${lowerFirst(invite)}`,
      }),
    ];
  return [
    limited(part, {
      text: `not checked (${answer.why})`,
      next:
        answer.code === null
          ? askAgain
          : 'Add the scopes channels:history and groups:history to the app, and install it again',
    }),
  ];
}

/** Where Slack did not answer, no scope is to blame. */
const askAgain = 'Run calico-chatops doctor again';
const lowerFirst = (text: string) => `${text.charAt(0).toLowerCase()}${text.slice(1)}`;

async function approverLines(slack: SlackQuestions, approvers: readonly string[]): Promise<readonly Check[]> {
  const part = 'APPROVERS';
  if (approvers.length === 0)
    return [
      limited(part, {
        text: 'nobody is named, so nobody can approve a fix in Slack',
        next: 'Set APPROVERS to the ids of users (U…) or user groups (S…, @handle)',
      }),
    ];
  const answers = await Promise.all(
    approvers.map(async (name) => ({
      name,
      answer: await (/^[UW]/.test(name) ? slack.user(name) : slack.group(name)),
    })),
  );
  const refused = answers.flatMap(({ name, answer }) => (answer.ok ? [] : [{ name, ...answer }]));
  const notKnown = refused.filter(({ code }) => code !== null && unknownPeople.has(code));
  const notAsked = refused.filter(({ code }) => code === null || !unknownPeople.has(code));
  return [
    ...(refused.length === 0 ? [ok(part, `Slack knows ${someOf(approvers)}`)] : []),
    ...(notKnown.length === 0
      ? []
      : [
          limited(part, {
            text: `Slack does not know ${someOf(notKnown.map(({ name }) => name))}, who cannot approve a fix`,
            next: 'Copy the member ID from the profile of the person, or the ID of the user group',
          }),
        ]),
    ...(notAsked.length === 0
      ? []
      : [
          limited(part, {
            text: `not checked: ${someOf(notAsked.map(({ name }) => name))} (${notAsked[0]?.why ?? ''})`,
            next: notAsked.every(({ code }) => code === null)
              ? askAgain
              : 'Add the scopes users:read and usergroups:read to the app, and install it again',
          }),
        ]),
  ];
}

const unknownPeople: ReadonlySet<string> = new Set([
  'user_not_found',
  'users_not_found',
  'user_not_visible',
  'no_such_subteam',
  'subteam_not_found',
  'no_such_group',
]);
