import { describe, expect, test } from '@jest/globals';
import { postOf } from '../../src/adapters/slack-posts.ts';
import * as fc from 'fast-check';
import { alertTarget } from '../../src/model/alert-target.ts';
import { describeTarget } from '../../src/model/asked-flow.ts';
import { textPatternOf, textPatternProblem } from '../../src/model/alert-text.ts';
import { mostPosted, readPost } from '../../src/runs/alert-post.ts';
import { alertmanager, detailed, grafana, pagerDuty, written, changedTo } from './posted-alerts.ts';

const read = (event: unknown, patterns: readonly string[] = []) => {
  const post = postOf(event, 'B0CALICO');
  if (post === null) throw new Error('it is no post');
  return readPost(post, { patterns: patterns.map(textPatternOf), templates: [] }).alerts;
};
const targetOf = (alert: ReturnType<typeof read>[number] | undefined) => {
  const target = alert ? alertTarget(alert, []) : 'no alert';
  return typeof target === 'string' ? target : describeTarget(target);
};
/** Status, name and target of each. */
const told = (...given: Parameters<typeof read>) =>
  read(...given).map((alert) => `${alert.status} ${alert.name}: ${targetOf(alert)}`);

describe('posts are read into labels', () => {
  test.each<readonly [string, unknown, readonly string[]]>([
    ['details of a firing alert', detailed('FIRING:1', 'mypod'), ['firing PodUnreachable: default/mypod']],
    ['details of a resolved alert', detailed('RESOLVED', 'mypod'), ['resolved PodUnreachable: default/mypod']],
    ['alerts of Grafana', grafana(['a', 'b'], []), ['firing Pod is down: shop/a', 'firing Pod is down: shop/b']],
    [
      'of Grafana, one of which resolved',
      grafana(['a'], ['b']),
      ['firing Pod is down: shop/a', 'resolved Pod is down: shop/b'],
    ],
    ['all resolved of Grafana', grafana([], ['a']), ['resolved Pod is down: shop/a']],
    [
      'an incident of PagerDuty',
      pagerDuty('Triggered', 1234),
      ['firing checkout is unreachable: deploy:shop/checkout'],
    ],
    ['its end', pagerDuty('Resolved', 1234), ['resolved checkout is unreachable: deploy:shop/checkout']],
    ['what a person did to it', pagerDuty('Acknowledged', 1), ['other checkout is unreachable: deploy:shop/checkout']],
    [
      'pairs in a line',
      written('[FIRING:1] Down\nlabels: namespace="shop", pod="api-0", severity="page"'),
      ['firing Down: shop/api-0'],
    ],
    ['a selector', written('ALERT Down\n{namespace="shop",service="api"}'), ['firing ALERT Down: svc:shop/api']],
    [
      'an object that the text names',
      written('[FIRING:1] KubePodNotReady\nPod shop/api-0 has been in a non-ready state.'),
      ['firing KubePodNotReady: shop/api-0'],
    ],
    [
      'a link that Slack made',
      written('Down\nnamespace: shop\npod: <http://api-0|api-0>'),
      ['firing Down: shop/api-0'],
    ],
    [
      'two objects in the text, and neither is chosen',
      written('[FIRING:1] Down\nPod shop/api-0 cannot reach Service shop/db.'),
      ['firing Down: its labels name no pod, workload or Service'],
    ],
    [
      'alerts one below the other, without headings',
      written('[FIRING:2] Down\nSeverity: page\n*Namespace:* shop\n*Pod:* a\n---\n*Namespace:* shop\n*Pod:* b'),
      ['firing Down: shop/a', 'firing Down: shop/b'],
    ],
    [
      'names of alerts before the headings of their labels',
      written(
        '[FIRING:2] Down\n*Alert:* A\n*Labels:*\n • namespace: shop\n • pod: a\n\n' +
          '*Alert:* B\n*Labels:*\n • namespace: shop\n • pod: b\n',
      ),
      ['firing A: shop/a', 'firing B: shop/b'],
    ],
    [
      'a sentence that begins like an end',
      written('Closed connections pile up\nRecovered pods: 0\nnamespace: shop\npod: a'),
      ['firing Closed connections pile up: shop/a'],
    ],
    ['a count of what is well', written('Down\nOK count 0\nnamespace: shop\npod: a'), ['firing Down: shop/a']],
    [
      'a label that reads as a status',
      written('[FIRING:1] Down\nLabels:\n - namespace = shop\n - pod = a\n - state = ok\n'),
      ['firing Down: shop/a'],
    ],
    ['an end in capitals', written('RESOLVED PodDown\nnamespace: shop\npod: a'), ['resolved PodDown: shop/a']],
    ['an end before a dash', written('Resolved - PodDown\nnamespace: shop\npod: a'), ['resolved PodDown: shop/a']],
    ['what a person did', written('Acknowledged by bob\nnamespace: shop\npod: a'), ['other by bob: shop/a']],
    [
      'a label that is called alert',
      written('[FIRING:1] Down\nLabels:\n - namespace = shop\n - alert = A\n - pod = a\n'),
      ['firing A: shop/a'],
    ],
    [
      'the end of a problem, and how long it was there',
      written('Resolved in 1h 5m 0s: Pod unreachable\nnamespace: shop\npod: a'),
      ['resolved Pod unreachable: shop/a'],
    ],
    [
      'details of two alerts',
      written(
        '[FIRING:2] Down\n*Alert:* Down - `page`\n*Details:*\n • *alertname:* `Down`\n • *namespace:* `shop`\n • *pod:* `a`\n' +
          '*Alert:* Down - `page`\n*Details:*\n • *alertname:* `Down`\n • *namespace:* `shop`\n • *pod:* `b`',
      ),
      ['firing Down: shop/a', 'firing Down: shop/b'],
    ],
    [
      'pods that the text names, each in its line',
      written('[FIRING:2] Down\nPod shop/a is not ready.\nPod shop/b is not ready.'),
      ['firing Down: shop/a', 'firing Down: shop/b'],
    ],
    [
      'tags of which some have no value',
      written('Triggered: Pod is down\nTags: namespace:shop, pod:api-0, monitor'),
      ['firing Pod is down: shop/api-0'],
    ],
    [
      'who has it, in a line further down',
      written('PodDown\nAssigned to: Bob\nnamespace: shop\npod: api-0'),
      ['firing PodDown: shop/api-0'],
    ],
    [
      'values without names, which say nothing',
      alertmanager('[FIRING:1] PodUnreachable (default mypod critical)'),
      ['firing PodUnreachable: its labels name no pod, workload or Service'],
    ],
    [
      'a query in the text, whose pod is another one',
      written('Down\nexpr is up{namespace="monitoring",pod="prometheus-0"} == 0 for 5m'),
      ['firing Down: its labels name no pod, workload or Service'],
    ],
    [
      'words that every object inherits',
      written('Down\nconstructor: x\n__proto__: y\nnamespace: shop\npod: __proto__'),
      ['firing Down: its labels do not name a valid target: shop/__proto__'],
    ],
  ])('%s', (_what, event, expected) => {
    expect(told(event)).toEqual(expected);
  });

  test('severity, summary, runbook and graph are kept', () => {
    expect(read(detailed('FIRING:1', 'mypod'))).toMatchObject([
      {
        labels: { severity: 'critical', port: '8080' },
        annotations: {
          description: 'Pod default/mypod does not answer its readiness probe.',
          runbook_url: 'https://runbooks.example/PodUnreachable',
          dashboard_url: 'https://prometheus.example/graph?g0.expr=up%3D%3D0',
        },
      },
    ]);
    expect(read(grafana(['a'], []))[0]?.annotations).toMatchObject({
      summary: 'a is down',
      runbook_url: 'https://runbooks.example/pod-down',
      dashboard_url: 'http://grafana.example/alerting/list',
    });
    const emoji = '*Graph:* <https://a.example|:chart:>  *Runbook:* <https://b.example|:notes:>';
    expect(read(written(`Down\n${emoji}`))[0]?.annotations).toMatchObject({
      runbook_url: 'https://b.example',
      dashboard_url: 'https://a.example',
    });
    expect(read(pagerDuty('Triggered', 7))[0]?.annotations).toMatchObject({
      runbook_url: 'https://runbooks.example/checkout',
    });
  });
});

const runbooksOfTwo = (second: string) =>
  read(
    written(
      'Down\nnamespace: shop\npod: a\nRunbook: <https://r.example/a|Runbook>\n' +
        `namespace: shop\npod: b\nRunbook: <https://r.example/${second}|Runbook>`,
    ),
  ).map(({ annotations }) => annotations['runbook_url']);

test('of two alerts no link is taken for both, unless it is the only one', () => {
  expect([runbooksOfTwo('b'), runbooksOfTwo('a')]).toEqual([
    [undefined, undefined],
    ['https://r.example/a', 'https://r.example/a'],
  ]);
});

describe('patterns of the configuration', () => {
  test.each([
    [
      '({namespace} {pod} critical)',
      alertmanager('[FIRING:1] PodUnreachable (default mypod critical)'),
      'default/mypod',
    ],
    ['{pod}.{namespace}.svc', written('no answer from api-0.shop.svc'), 'shop/api-0'],
    ['pod {namespace}/{pod}', written('pod / pod shop/api-0: pod gone.'), 'shop/api-0'],
    ['app {deployment} in {namespace}', written('app checkout in shop.'), 'deploy:shop/checkout'],
  ])('%s', (pattern, event, target) => {
    expect(read(event, [pattern]).map(targetOf)).toEqual([target]);
  });

  test('each line that has the text is an alert of its own', () => {
    const alerts = read(written('[FIRING:2] Down\n• `shop/a` is down\n• `shop/b` is down'), ['`{namespace}/{pod}` is']);
    expect(alerts.map(targetOf)).toEqual(['shop/a', 'shop/b']);
  });

  test.each([
    ['no label', 'names no label in braces'],
    ['{namespace}{pod}', 'has no words beside its labels'],
    ['x {namespace}{pod}', 'needs words between two labels'],
    ['x'.repeat(301), 'at most 300'],
  ])('%s is refused', (pattern, problem) => {
    expect(textPatternProblem(pattern)).toContain(problem);
  });
});

test.each([
  ['of the bot itself', { bot_id: 'B0CALICO' }],
  ['in a thread', { thread_ts: '1.2' }],
  ['of the app itself, as another bot', { app_id: 'A0CALICO' }],
  ['of the app itself, by its profile', { bot_profile: { name: 'x', app_id: 'A0CALICO' } }],
  ['a reply that is shown in the channel', { subtype: 'thread_broadcast', thread_ts: '1.2' }],
  ['changed without saying into what', { subtype: 'message_changed' }],
  ['of a person', { bot_id: undefined, user: 'U0BOB' }],
])('a message that is %s is no post', (_what, change) => {
  const event = { ...written('[FIRING:1] x'), ...change };
  expect(postOf(event, 'B0CALICO', 'A0CALICO')).toBeNull();
  // And it stays so when it is edited.
  const edited = { ...event, text: '[RESOLVED] x' };
  expect(postOf(changedTo(edited, event), 'B0CALICO', 'A0CALICO')).toBeNull();
});

test('an edit that changes words is the post in a new state; what Slack adds to it is not', () => {
  const before = written('[FIRING:1] x');
  const replied = { ...before, thread_ts: before.ts, reply_count: 2 };
  const unfurled = { ...before, attachments: [{ from_url: 'https://x.example', text: '[FIRING:1] y' }] };
  const read = (message: object) => postOf(changedTo(message, before, '1767225660.000100'), 'B0CALICO', 'A0CALICO');
  expect([read(before), read(replied), read(unfurled)]).toEqual([null, null, null]);
  expect(read({ ...replied, text: '[RESOLVED] x' })).toMatchObject({
    ts: before.ts,
    edit: '1767225660.000100',
    channel: 'C0ALERTS',
    parts: [{ lines: ['[RESOLVED] x'] }],
  });
});

/** Pieces of which templates make lines, put together in any order. */
const piece = fc.constantFrom(
  '[FIRING:1] ',
  '[RESOLVED]',
  'Labels:',
  '**Firing**',
  ' - ',
  'pod',
  ' = ',
  ': ',
  '=',
  '"',
  '`',
  '*',
  '\n',
  '{',
  '}',
  ',',
  'namespace',
  'shop/api-0',
  'Pod ',
  '<http://x|y>',
  '&amp;',
  'alertname',
  ':fire:',
  '__proto__',
  'Triggered ',
  '#12',
);
test('whatever a post holds is read, within the limits, and always in the same way', () => {
  const text = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 60 }).map((all) => all.join('')),
  );
  const field = fc.record({ title: fc.oneof(text, fc.anything()), value: text });
  const attachments = fc.array(fc.oneof(fc.record({ title: text, text, fields: fc.array(field) }), fc.anything()));
  fc.assert(
    fc.property(text, attachments, text, (body, attached, pattern) => {
      const event = { ...written(body), attachments: attached };
      const patterns = textPatternProblem(pattern) === null ? [pattern] : ['pod {namespace}/{pod}'];
      const alerts = read(event, patterns);
      expect(alerts.length).toBeLessThanOrEqual(mostPosted);
      for (const { name, labels } of alerts)
        expect([name.length <= 200, Object.keys(labels).length <= 70]).toEqual([true, true]);
      expect(read(event, patterns)).toEqual(alerts);
    }),
    { numRuns: 100 },
  );
});
