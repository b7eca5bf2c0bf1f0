import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  kindWords,
  parseTargetIn,
  describeTarget,
  flowOf,
  parseGoal,
  parseTarget,
} from '../../src/model/asked-flow.ts';
import { describeSource, parseSource } from '../../src/model/target-grammar.ts';

test.each([
  ['default/mypod', 'default/mypod'],
  ['pod:default/mypod', 'default/mypod'],
  ['svc:default/web', 'svc:default/web'],
  ['service:default/web', 'svc:default/web'],
  ['deploy:shop/api', 'deploy:shop/api'],
  ['deployment:shop/api', 'deploy:shop/api'],
  ['sts:shop/db', 'sts:shop/db'],
  ['statefulset:shop/db', 'sts:shop/db'],
  ['ds:kube-system/dns', 'ds:kube-system/dns'],
  ['labels:default/app=web', 'labels:default/app=web'],
  ['default/app=web', 'labels:default/app=web'],
  ['default/app.kubernetes.io/name=web,tier!=back', 'labels:default/app.kubernetes.io/name=web,tier!=back'],
  ['labels:default/canary', 'labels:default/canary'],
  ['address:shop/10.244.1.5', 'address:shop/10.244.1.5'],
  ['address:shop/10.244.1.5:8080', 'address:shop/10.244.1.5'],
  ['address:shop/2001:db8::5', 'address:shop/2001:db8::5'],
  ['address:shop/[2001:db8::5]:8080', 'address:shop/2001:db8::5'],
])('%s names %s', (text, described) => {
  const parsed = parseTarget(text);
  expect(parsed.ok && describeTarget(parsed.value)).toBe(described);
});

test.each([
  ['mypod', 'default/mypod'],
  ['svc:web', 'svc:default/web'],
  ['svc:shop/web', 'svc:shop/web'],
  ['labels:app.kubernetes.io/name=web', 'labels:default/app.kubernetes.io/name=web'],
  ['labels:app=web', 'labels:default/app=web'],
])('%s with a namespace beside it is %s', (text, described) => {
  const parsed = parseTarget(text, 'default');
  expect(parsed.ok && describeTarget(parsed.value)).toBe(described);
});

test.each([
  ['job:default/x', '"job:default/x" is not a target'],
  ['svc:web', '"web" is not NAMESPACE/NAME'],
  ['svc:default/We;b', '"default/We;b" is not a valid name of a service'],
  ['labels:app=web', '"app=web" is not NAMESPACE/KEY=VALUE'],
  ['default/app=we b', '"app=we b" is not a list of labels'],
  ['default/app=web,', '"app=web," is not a list of labels'],
  ['default/', '"default/" is not NAMESPACE/POD'],
  ['address:shop/10.244.1', '"shop/10.244.1" is not NAMESPACE/ADDRESS'],
  ['address:10.244.1.5', 'is not NAMESPACE/ADDRESS'],
  ['address:shop/api-0', 'is not NAMESPACE/ADDRESS'],
])('%j is no target', (text, problem) => {
  const parsed = parseTarget(text);
  expect(parsed.ok ? 'a target' : parsed.problem).toContain(problem);
});

const asked = (target: string, to: string | null, from: string | null = null) => {
  const [name, goal, source] = [parseTarget(target), to === null ? null : parseGoal(to), from && parseSource(from)];
  if (!name.ok || (goal && !goal.ok) || (source && !source.ok)) return 'not parsed';
  const flow = flowOf(name.value, { from: source ? source.value : null, to: goal && goal.value, port: null });
  if (!flow.ok) return flow.problem;
  const { from: sender, to: end } = flow.value;
  return [describeTarget(flow.value), sender && `from ${describeSource(sender)}`, end && `to ${end.kind}`]
    .filter(Boolean)
    .join(' ');
};

test.each([
  ['default/client', 'svc:default/web', null, 'svc:default/web from pod:default/client'],
  ['default/client', 'default/mypod', null, 'default/mypod from pod:default/client'],
  ['default/client', 'pod:default/mypod', null, 'default/mypod from pod:default/client'],
  ['default/client', 'deploy:default/web', null, 'deploy:default/web from pod:default/client'],
  ['default/client', 'node:node-1', null, 'default/client to node'],
  ['default/client', 'outside:203.0.113.7', null, 'default/client to outside'],
  ['default/client', 'api', null, 'default/client to api'],
  ['default/client', 'dns', null, 'svc:kube-system/kube-dns from pod:default/client'],
  ['default/client', null, 'node:node-1', 'default/client from node:node-1'],
  [
    'default/client',
    'api',
    'node:node-1',
    'from and to cannot go together: the target is the other end. Leave one of them out',
  ],
  ['svc:default/web', 'api', null, 'svc:default/web sends nothing itself: name one of its pods'],
  ['default/client', 'host:x', null, 'not parsed'],
])('%s to %s from %s is the flow %j', (target, to, from, flow) => {
  expect(asked(target, to, from)).toBe(flow);
});

test('a Service is not pinged', () => {
  const name = parseTarget('svc:default/web');
  const flow = name.ok && flowOf(name.value, { from: null, to: null, port: { protocol: 'icmp' } });
  expect(flow).toEqual({ ok: false, problem: 'a Service answers no ping: name one of its ports' });
});

test('whatever is typed, a problem is one short line', () => {
  const words = fc.tuple(fc.constantFrom('', 'svc:', 'labels:', 'node:', 'outside:'), fc.string({ unit: 'binary' }));
  fc.assert(
    fc.property(words, ([word, text]) => {
      for (const parsed of [parseTarget(`${word}${text}`), parseGoal(`${word}${text}`)])
        if (!parsed.ok) expect(parsed.problem).toMatch(/^[^\n\u2028\u2029]{1,300}$/);
    }),
  );
});

test.each([
  ['default/mypod', 'outside:192.0.2.7', null, 60],
  ['default/mypod', null, null, 'wait needs the client: name it with from'],
  ['svc:default/web', 'pod:default/client', null, 'wait watches the interfaces of one pod'],
  ['default/client', null, 'outside:192.0.2.7', 'wait watches the interfaces of one pod'],
  ['default/client', null, 'default/mypod', 60],
])('%s from %s to %s waits: %s', (target, from, to, expected) => {
  const [name, source, goal] = [parseTarget(target), from && parseSource(from), to && parseGoal(to)];
  if (!name.ok || (source && !source.ok) || (goal && !goal.ok)) throw new Error('not parsed');
  const ends = { from: source ? source.value : null, to: goal ? goal.value : null, port: null };
  const flow = flowOf(name.value, { ...ends, wait: 60 });
  expect(flow.ok ? flow.value.wait : flow.problem).toEqual(
    typeof expected === 'string' ? expect.stringContaining(expected) : expected,
  );
});

test.each([
  ['default/mypod', null, 6, 6],
  ['default/mypod', 'outside:2001:db8::1', 6, 6],
  ['default/mypod', 'outside:192.0.2.7', 6, '192.0.2.7 is not an address of IPv6: leave the family out'],
  ['address:default/fd00::5', null, 4, 'fd00::5 is not an address of IPv4: leave the family out'],
  ['svc:default/web', null, 6, 6],
] as const)('%s from %s by IPv%s: %s', (target, from, family, expected) => {
  const [name, source] = [parseTarget(target), from === null ? null : parseSource(from)];
  if (!name.ok || source?.ok === false) throw new Error('not parsed');
  const flow = flowOf(name.value, { from: source?.value ?? null, to: null, port: null, family });
  expect(flow.ok ? flow.value.family : flow.problem).toEqual(expected);
});

test.each([
  ['mypod', { namespace: 'shop', pod: 'mypod' }],
  ['svc/web', { namespace: 'shop', pod: 'web', kind: 'service' }],
  ['deployment/web', { namespace: 'shop', pod: 'web', kind: 'deployment' }],
  ['pods/mypod', { namespace: 'shop', pod: 'mypod' }],
  ['svc:web', { namespace: 'shop', pod: 'web', kind: 'service' }],
  ['shop/mypod', { namespace: 'shop', pod: 'mypod' }],
])('%s beside a namespace is of it', (text, value) => {
  expect(parseTargetIn('shop', text)).toEqual({ ok: true, value });
});

test.each(['default/mypod', 'svc:default/web', 'svc/default/web'])('%s beside another namespace is refused', (text) => {
  expect(parseTargetIn('shop', text)).toMatchObject({ ok: false });
});

test('a namespace that has the name of a kind is one', () => {
  expect(parseTargetIn('svc', 'svc/web')).toEqual({ ok: true, value: { namespace: 'svc', pod: 'web' } });
  expect([kindWords('svc'), kindWords('po'), kindWords('shop')]).toEqual([
    ': write svc:NAMESPACE/NAME',
    ': write NAMESPACE/POD',
    null,
  ]);
});
