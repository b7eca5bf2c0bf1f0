import { SlackError } from '../slack-error.ts';
import { newSecret, type Now } from './ids.ts';

/** Who interacted, which is all that a trigger is good for. `view` is the modal in which it happened, if any. */
interface TriggerOrigin {
  user: string;
  view: string | null;
}

/** Trigger ids: valid for a few seconds and once. */
export interface Triggers {
  issue(origin: TriggerOrigin): string;
  /** Throws `invalid_trigger_id`, `expired_trigger_id` or `exchanged_trigger_id`. */
  exchange(id: string): TriggerOrigin;
}

/** Creates the trigger ids of a workspace; Slack's lifetime is 3 s. */
export function createTriggers(now: Now, lifetimeMs = 3000): Triggers {
  const issued = new Map<string, { origin: TriggerOrigin; at: number; used: boolean }>();
  return {
    issue(origin) {
      const id = `${now()}.${newSecret()}`;
      issued.set(id, { origin, at: now(), used: false });
      return id;
    },
    exchange(id) {
      const trigger = issued.get(id);
      if (!trigger) throw new SlackError('invalid_trigger_id');
      if (trigger.used) throw new SlackError('exchanged_trigger_id');
      if (now() - trigger.at > lifetimeMs) throw new SlackError('expired_trigger_id');
      trigger.used = true;
      return trigger.origin;
    },
  };
}
