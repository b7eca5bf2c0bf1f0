import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const manifest = z.object({
  features: z.object({
    app_home: z.object({ home_tab_enabled: z.boolean(), messages_tab_enabled: z.boolean() }),
    shortcuts: z.array(z.object({ name: z.string(), type: z.string(), callback_id: z.string() })),
    slash_commands: z.array(z.object({ command: z.string() })),
  }),
  oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }),
  settings: z.object({
    event_subscriptions: z.object({ bot_events: z.array(z.string()) }),
    interactivity: z.object({ is_enabled: z.boolean() }),
    socket_mode_enabled: z.boolean(),
  }),
});

/** What deploy/slack/manifest.yaml asks Slack for. */
export function readManifest() {
  const file = new URL('../../deploy/slack/manifest.yaml', import.meta.url);
  const { features, oauth_config: oauth, settings } = manifest.parse(parse(readFileSync(file, 'utf8')));
  return {
    scopes: oauth.scopes.bot,
    events: settings.event_subscriptions.bot_events,
    shortcuts: features.shortcuts,
    commands: features.slash_commands.map(({ command }) => command),
    home: features.app_home,
    interactive: settings.interactivity.is_enabled,
  };
}
