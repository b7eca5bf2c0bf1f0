import { namespaceApprover } from './compose-known-clusters.ts';
import type { ClusterConfig } from './config-clusters.ts';
import type { Config } from './config.ts';
import { limited, type Check } from './setup/check.ts';
import { checkSlack } from './setup/slack-setup.ts';

/** Asks Slack what the app may do, for doctor and for serve: the same causes in the same words. */
export async function checkSlackApp(config: Config): Promise<readonly Check[]> {
  const { SLACK_BOT_TOKEN: botToken, SLACK_APP_TOKEN: appToken = null, SLACK_API_URL: apiUrl = null } = config;
  if (botToken === undefined)
    return [
      limited('Slack', {
        text: 'SLACK_BOT_TOKEN is not set: the command line works, and serve does not',
        next: 'Set SLACK_BOT_TOKEN, and SLACK_APP_TOKEN or SLACK_SIGNING_SECRET',
      }),
    ];
  const own = config.clusters.map(({ settings }) => settings);
  const { createSlackQuestions } = await import('./adapters/slack-setup.ts');
  const found = [
    ...(await checkSlack(createSlackQuestions({ botToken, appToken, apiUrl }), {
      alertChannels: [...new Set([...own.flatMap(({ ALERT_CHANNEL: one }) => one ?? []), ...config.ALERT_CHANNELS])],
      postChannels: [...new Set(config.ALERT_POST_CHANNELS)],
      approvers: [...new Set(own.flatMap(approversIn))],
    })),
  ];
  found.push(...config.clusters.flatMap(alonePerson));
  if (appToken !== null || config.SLACK_SIGNING_SECRET !== undefined) return found;
  return [
    ...found,
    limited('Slack', {
      text: 'neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set: serve does not start',
      next: 'Set SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET for HTTP',
    }),
  ];
}

/** Everybody who may approve something of a cluster. */
function approversIn({ APPROVERS, NAMESPACE_APPROVERS }: ClusterConfig['settings']): readonly string[] {
  return [...APPROVERS, ...NAMESPACE_APPROVERS.map((entry) => namespaceApprover(entry).approver)];
}

/** One person cannot approve for two. */
function alonePerson({ name, settings: { APPROVERS, TWO_APPROVERS_FROM: from } }: ClusterConfig): readonly Check[] {
  const [one, ...others] = APPROVERS;
  if (from === 'never' || one === undefined || others.length > 0 || !/^[UW]/.test(one)) return [];
  return [
    limited('TWO_APPROVERS_FROM', {
      text: `two people must approve a fix of cluster ${name}, and APPROVERS names ${one} alone`,
      next: 'Add people or a user group to APPROVERS, or set TWO_APPROVERS_FROM to never',
    }),
  ];
}
