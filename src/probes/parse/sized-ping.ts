import type { Transcript } from '../../model/command.ts';

/**
 * What one ping that may not be fragmented came to: an answer; none; the size that a hop, or the sender's own kernel,
 * said is the most; or `error`, with why it says nothing of the path.
 */
export type SizedAnswer =
  | { readonly got: 'reply' }
  | { readonly got: 'nothing' }
  | { readonly got: 'too-big'; readonly most: number }
  | { readonly got: 'error'; readonly why: string };

/**
 * "Frag needed and DF set (mtu = 1300)" of a hop, "Packet too big: mtu=1300" of one of IPv6, "local error: message too
 * long, mtu=1300" of the own kernel, also "mtu: 1300" (iputils).
 */
const told =
  /(?:Frag(?:mentation)? needed and DF set|message too long|Packet too big)[,:]? ?\(?mtu ?[=:] ?(\d{1,5})\)?/i;

/** Reads the output of iputils' ping with `-M do`. Other pings do not have the option. */
export function sizedAnswer({ exit, timedOut, stdout, stderr, command }: Transcript): SizedAnswer {
  if (timedOut || exit === null) return { got: 'error', why: `${command} did not end in time` };
  if (exit === 0) return { got: 'reply' };
  const said = `${stdout}\n${stderr}`;
  const most = told.exec(said)?.[1];
  if (most !== undefined) return { got: 'too-big', most: Number(most) };
  if (/invalid option|unrecognized option|usage:/i.test(said))
    return { got: 'error', why: 'ping on the node cannot send packets that may not be fragmented (no option -M)' };
  if (/Unreachable|prohibited|Filtered|exceeded/i.test(said))
    return { got: 'error', why: `ping was refused: ${lineOf(said)}` };
  if (/packets transmitted/.test(said)) return { got: 'nothing' };
  return { got: 'error', why: lineOf(said) };
}

const longestLine = 200;
function lineOf(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  const line = lines.find((one) => /^(?:From|ping:)/.test(one)) ?? lines.find((one) => one !== '') ?? 'ping failed';
  return line.slice(0, longestLine);
}
