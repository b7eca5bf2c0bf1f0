import { expect, test } from '@jest/globals';
import { postOf } from '../../src/adapters/slack-posts.ts';
import { textPatternOf, type TextPattern } from '../../src/model/alert-text.ts';
import { mostPosted, readPost } from '../../src/runs/alert-post.ts';
import { grafana, written } from './posted-alerts.ts';

const alertsOf = (event: unknown) =>
  readPost(postOf(event, 'B0CALICO') ?? { parts: [] }, { patterns: [], templates: [] }).alerts;

test('a text that stands in thousands of alerts of a post is compared with the patterns once', () => {
  const texts = Array.from({ length: 90 }, (_, i) => `line ${i} of a long text`).join('\n');
  const compared = (alerts: number) => {
    let count = 0;
    const get = (of: TextPattern, name: PropertyKey) => {
      count += 1;
      return Reflect.get(of, name) as unknown;
    };
    const patterns = [new Proxy(textPatternOf('long {pod} text'), { get })];
    const attachments = Array.from({ length: 10 }, () => ({ text: 'pod: a\n'.repeat(alerts / 10) }));
    const post = postOf({ ...written(texts), attachments }, undefined);
    expect(readPost(post ?? { parts: [] }, { patterns, templates: [] }).alerts).toHaveLength(mostPosted);
    return count;
  };
  expect(compared(3000)).toBeLessThanOrEqual(2 * compared(30));
});

test('of a hostile post a bounded part is read', () => {
  const many = Array.from({ length: 5000 }, (_, i) => `p${i}`);
  expect(alertsOf(grafana(many, []))).toHaveLength(mostPosted);
  const post = postOf(written(`x\n${'a: b\n'.repeat(100_000)}`), undefined);
  expect(post?.parts.flatMap(({ lines }) => lines).length).toBeLessThanOrEqual(400);
  expect(
    postOf({ ...written('x'), attachments: 'x', blocks: [{ text: 1, fields: 'y' }, null] }, undefined),
  ).toMatchObject({
    parts: [{ lines: ['x'] }],
  });
  expect(alertsOf({ ...written(''), attachments: [{ color: 'x' }] })).toEqual([]);
});

test('however many alerts a post holds, as many of them as are read are matched', () => {
  let tried = 0;
  const counted = new Proxy(textPatternOf('pod {namespace}/{pod}'), {
    get: (target, key) => {
      if (key === Symbol.iterator) tried += 1;
      return Reflect.get(target, key);
    },
  });
  const text = `${'pod: a\n'.repeat(200)}${'words without a form\n'.repeat(200)}`;
  const attachments = Array.from({ length: 20 }, () => ({ title: '[FIRING:1] Down', text: 'pod: a\n' }));
  const post = postOf({ ...written(text), attachments }, 'B0CALICO') ?? { parts: [] };
  const { alerts, more } = readPost(post, { patterns: [counted], templates: [] });
  expect([alerts.length, more > 3000]).toEqual([mostPosted, true]);
  // At most 100 lines of each.
  expect(tried).toBeLessThanOrEqual(mostPosted * 100);
});
