import type { Transcript } from '../../model/command.ts';
import type { ReachAttempt } from '../../model/reachability.ts';
import type { FlowPort } from '../../model/target.ts';

/**
 * What one probe got: a reply, nothing, a refusal (RST or a rejecting rule: both say ECONNREFUSED), an ICMP error, or
 * an error of the probe itself.
 */
export function answerOf(transcript: Transcript, port: FlowPort): ReachAttempt['answer'] {
  const said = `${transcript.stdout}\n${transcript.stderr}`;
  // It bounds itself to less: what the node had to end, or ended otherwise, says nothing of the network.
  if (transcript.timedOut || transcript.exit === null) return 'error';
  if (transcript.exit === 0) return 'reply';
  if (port.protocol === 'icmp') {
    if (/Unreachable|prohibited|Filtered/i.test(said)) return 'unreachable';
    if (/packets transmitted/.test(said)) return 'none';
    return /Network is unreachable|Invalid argument|No route to host/.test(said) ? 'unreachable' : 'error';
  }
  if (transcript.exit === 124) return 'none';
  if (/Connection refused/.test(said)) return 'refused';
  // ICMPv6 that a rule or a route prohibits it makes a connect fail so: the kernel says EACCES.
  if (/connect: Permission denied/.test(said)) return 'unreachable';
  if (/No route to host|Network is unreachable|Host is unreachable|Invalid argument/.test(said)) return 'unreachable';
  return /Connection timed out/.test(said) ? 'none' : 'error';
}
