import { notify } from './notices.js';
import { world } from './world.js';

const reasons = {
  operation_timeout: 'The app did not answer within three seconds.',
  dispatch_failed: 'The app could not be reached.',
  http_timeout: 'The app did not answer within three seconds.',
  http_error: 'The app answered with an error.',
  connection_failed: 'The app could not be reached.',
  unknown_command: 'No app knows this command.',
  not_in_channel: 'You are not in this channel.',
};

/** What the person sees now. Throws when the workspace is gone. */
export async function fetchState(user) {
  const response = await fetch(`/_control/state${user ? `?user=${encodeURIComponent(user)}` : ''}`);
  if (!response.ok) throw new Error(`the workspace answered ${response.status}`);
  return response.json();
}

/** Acts as the person who is chosen. Resolves with the answer; what went wrong is also told to the person. */
export async function act(name, input) {
  try {
    const response = await fetch(`/_control/${name}`, {
      method: 'POST',
      body: JSON.stringify({ user: world.me, ...input }),
    });
    const answer = await response.json();
    const trouble = answer.ok === false ? answer.error : answer.acked === false ? answer.reason : null;
    if (trouble) notify(reasons[trouble] ?? `Refused: ${trouble}`);
    return answer;
  } catch {
    notify('The workspace cannot be reached.');
    return { ok: false, error: 'unreachable' };
  }
}
