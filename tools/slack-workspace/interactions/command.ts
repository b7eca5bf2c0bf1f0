import { SlackError } from '../slack-error.ts';
import type { World } from '../state/world.ts';
import { respond, saidWithAck, slackbotSays } from './respond.ts';
import { person, responseUrl, type Outcome, type Session } from './session.ts';

/** A person types a slash command. A text without a slash is meant for the app's first command. */
export interface CommandInput {
  user: string;
  channel: string;
  text: string;
}

/**
 * Sends a slash command to the app and shows what it says with its acknowledgement. Throws `unknown_command` and the
 * like.
 */
export async function runCommand({ world, transport, events }: Session, input: CommandInput): Promise<Outcome> {
  const user = person(world, input.user);
  const channel = world.channels.find(input.channel);
  if (!channel.members.has(user.id)) throw new SlackError('not_in_channel');
  const { command, text } = split(world, input.text);
  const target = { user: user.id, channel: channel.id, ts: null };
  const answer = await transport.send({
    type: 'slash_commands',
    retry: null,
    payload: {
      token: 'verification-token',
      team_id: world.start.team.id,
      team_domain: world.start.team.domain,
      channel_id: channel.id,
      channel_name: channel.kind === 'im' ? 'directmessage' : channel.name,
      user_id: user.id,
      user_name: user.name,
      command,
      text,
      api_app_id: world.start.app.id,
      is_enterprise_install: 'false',
      response_url: responseUrl(world, target),
      trigger_id: world.triggers.issue({ user: user.id, view: null }),
    },
  });
  if (!answer.acked) {
    const error = answer.reason === 'http_timeout' ? 'operation_timeout' : 'dispatch_failed';
    slackbotSays(world, channel.id, user.id, `${command} failed with the error "${error}"`);
    return { acked: false, ms: answer.ms, reason: error };
  }
  const said = saidWithAck(answer.body);
  if (said) respond(world, events, target, said);
  return { acked: true, ms: answer.ms, reason: null };
}

function split(world: World, input: string): { command: string; text: string } {
  const match = /^(\/\S+)\s*([\s\S]*)$/.exec(input.trim());
  const first = world.start.commands[0];
  const command = match?.[1] ?? first?.command ?? '';
  const known = world.start.commands.find((one) => one.command === command);
  if (!known) throw new SlackError('unknown_command');
  const text = match ? (match[2] ?? '') : input.trim();
  return { command, text: known.should_escape ? escapeNames(world, text) : text };
}

/** With `should_escape` Slack turns names of people and channels into ids. */
function escapeNames(world: World, text: string): string {
  return text
    .replaceAll(/(?<![\w<])@([\w.-]+)/g, (whole, name: string) => {
      const user = world.users.find((one) => one.name === name);
      return user ? `<@${user.id}|${user.name}>` : whole;
    })
    .replaceAll(/(?<![\w<])#([\w-]+)/g, (whole, name: string) => {
      const channel = world.channels.all().find((one) => one.name === name);
      return channel ? `<#${channel.id}|${channel.name}>` : whole;
    });
}
