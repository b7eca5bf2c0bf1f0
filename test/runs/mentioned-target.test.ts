/** The shortcut "Diagnose this" stands in the menu of every message: what people and apps write there is understood. */
import { describe, expect, test } from '@jest/globals';
import { partsOf } from '../../src/adapters/slack-posts.ts';
import { describeTarget } from '../../src/model/asked-flow.ts';
import { describePort } from '../../src/model/target-grammar.ts';
import { textPatternOf } from '../../src/model/alert-text.ts';
import { mentionedTarget } from '../../src/runs/mentioned-target.ts';
import * as posts from './posted-alerts.ts';

const usual = { templates: [], patterns: [] };
function named(message: object, given: Parameters<typeof mentionedTarget>[1] = usual): string | null {
  const target = mentionedTarget(partsOf(message), given);
  if (!target) return null;
  const { port } = target;
  return `${describeTarget(target)}${port ? ` ${describePort(port)}` : ''}`;
}

test.each([
  ['checkout is down: shop/api-5d8-x2 does not answer.', 'shop/api-5d8-x2'],
  ['namespace=shop pod=api-5d8-x2 down', 'shop/api-5d8-x2'],
  ['Pod shop/api-5d8-x2 is not ready', 'shop/api-5d8-x2'],
  ['Deployment shop/api has too few replicas', 'deploy:shop/api'],
  ['Service shop/web has no endpoints', 'svc:shop/web'],
  ['is it <http://web.shop.svc.cluster.local/healthz> again?', 'svc:shop/web 80/tcp'],
  ['curl: (28) https://web.shop.svc:8443/ timed out', 'svc:shop/web 8443/tcp'],
  ['dial tcp: lookup db.data.svc.cluster.local.: timeout', 'svc:data/db'],
  ['web.shop.svc:99999 refused', 'svc:shop/web'],
  ['see https://example.org/shop/api and /var/log/pods', null],
  ['who broke it?', null],
])('%j names %j', (text, target) => {
  expect(named({ text })).toBe(target);
});

describe('posts of', () => {
  test.each([
    ['Alertmanager', posts.detailed('FIRING:1', 'api-0'), 'default/api-0 8080/tcp'],
    ['Grafana', posts.grafana(['api-0', 'api-1'], []), 'shop/api-0'],
    ['PagerDuty', posts.pagerDuty('Triggered', 4), 'deploy:shop/checkout'],
  ])('%s name their target', (_app, post, target) => {
    expect(named(post)).toBe(target);
  });
});

test('patterns and templates of the configuration count as they do for alerts', () => {
  const patterns = [textPatternOf('host {host} lost {app}')];
  expect(named({ text: 'host n1 lost web' }, { patterns, templates: ['svc:shop/{app}'] })).toBe('svc:shop/web');
});
