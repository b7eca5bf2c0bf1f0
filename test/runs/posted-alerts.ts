/** Posts as Alertmanager, Grafana and PagerDuty make them, and as their templates are often changed. */

const event = <T extends object>(ts: string, message: T) => ({
  type: 'message',
  subtype: 'bot_message',
  channel: 'C0ALERTS',
  channel_type: 'channel',
  bot_id: 'B0ALERTS',
  username: 'Alertmanager',
  ts,
  text: '',
  ...message,
});

/** The template that Alertmanager has: values of labels without their names. */
export const alertmanager = (title: string, ts = '1767225600.000100') =>
  event(ts, {
    attachments: [
      {
        fallback: `${title} | <http://alertmanager.example/#/alerts?receiver=slack>`,
        title,
        title_link: 'http://alertmanager.example/#/alerts?receiver=slack',
        color: 'a30200',
      },
    ],
  });

/** The template that many clusters use with kube-prometheus: details as a list, links as buttons. */
export const detailed = (status: string, pod: string, ts = '1767225600.000100') =>
  event(ts, {
    attachments: [
      {
        title: `[${status}] Monitoring Event Notification`,
        text:
          `*Alert:* PodUnreachable - \`critical\`\n*Description:* Pod default/${pod} does not answer its readiness probe.\n` +
          `*Details:*\n  • *alertname:* \`PodUnreachable\`\n  • *namespace:* \`default\`\n  • *pod:* \`${pod}\`\n` +
          '  • *port:* `8080`\n  • *severity:* `critical`\n',
        actions: [
          { type: 'button', text: 'Runbook :green_book:', url: 'https://runbooks.example/PodUnreachable' },
          { type: 'button', text: 'Query :mag:', url: 'https://prometheus.example/graph?g0.expr=up%3D%3D0' },
        ],
      },
    ],
  });

const grafanaAlert = (pod: string) =>
  'Value: A=0, C=1\nLabels:\n - alertname = Pod is down\n - grafana_folder = kube\n - namespace = shop\n' +
  ` - pod = ${pod}\n - severity = warning\nAnnotations:\n - summary = ${pod} is down\n` +
  ' - runbook_url = https://runbooks.example/pod-down\n' +
  'Source: <http://grafana.example/alerting/grafana/ab12/view?orgId=1>\n' +
  'Silence: <http://grafana.example/alerting/silence/new?alertmanager=grafana>\n';

/** Grafana: alerts one below the other, those that fire and those that resolved. */
export const grafana = (firing: readonly string[], resolved: readonly string[], ts = '1767225600.000100') =>
  event(ts, {
    username: 'Grafana',
    attachments: [
      {
        title: `[${firing.length > 0 ? `FIRING:${firing.length}` : 'RESOLVED'}] Pod is down (kube shop warning)`,
        title_link: 'http://grafana.example/alerting/list',
        text:
          (firing.length > 0 ? `**Firing**\n\n${firing.map(grafanaAlert).join('\n')}\n` : '') +
          (resolved.length > 0 ? `**Resolved**\n\n${resolved.map(grafanaAlert).join('\n')}` : ''),
      },
    ],
  });

/** PagerDuty: blocks with fields, and the number of the incident. */
export const pagerDuty = (status: string, number: number, ts = '1767225600.000100') =>
  event(ts, {
    subtype: undefined,
    username: undefined,
    user: 'U0PAGER',
    app_id: 'A0PAGER',
    bot_profile: { id: 'B0ALERTS', app_id: 'A0PAGER', name: 'PagerDuty' },
    text: `${status} #${number}: checkout is unreachable`,
    blocks: [
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text: `:large_red_circle: ${status} <https://acme.pagerduty.example/incidents/Q1|[#${number}] checkout is unreachable>`,
        },
      },
      {
        type: 'section',
        fields: [
          { type: 'mrkdwn', text: '*Namespace:*\nshop' },
          { type: 'mrkdwn', text: '*Deployment:*\ncheckout' },
          { type: 'mrkdwn', text: '*Urgency:*\nHigh' },
        ],
      },
      {
        type: 'actions',
        elements: [
          {
            type: 'button',
            action_id: 'runbook',
            text: { type: 'plain_text', text: 'Runbook' },
            url: 'https://runbooks.example/checkout',
          },
        ],
      },
    ],
  });

/** A webhook of one's own. */
export const written = (text: string, ts = '1767225600.000100') => event(ts, { text });

/** What Slack delivers when an app edits its post. */
export const changedTo = (message: object, before: object, ts = '1767225900.000100') => ({
  type: 'message',
  subtype: 'message_changed',
  hidden: true,
  channel: 'C0ALERTS',
  channel_type: 'channel',
  ts,
  message,
  previous_message: before,
});
