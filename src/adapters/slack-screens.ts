import type { ModalView, HomeView } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import type { Screens } from '../model/thread.ts';
import { threadErrorOf } from './slack-trouble.ts';

/** Dialogs and Home tabs, on Slack's Web API. */
export function createScreens({ client }: { readonly client: WebClient }): Screens {
  return {
    async open(trigger, view) {
      try {
        await client.views.open({ trigger_id: trigger, view: { ...view } as unknown as ModalView });
      } catch (error) {
        throw threadErrorOf(error);
      }
    },
    async publish(user, view) {
      try {
        await client.views.publish({ user_id: user, view: { ...view } as unknown as HomeView });
      } catch (error) {
        throw threadErrorOf(error);
      }
    },
  };
}
