import { describe, expect, test } from '@jest/globals';
import { parseReply } from '../../src/bot/thread-grammar.ts';
import { changedFlow } from '../../src/model/asked-flow.ts';
import type { Target } from '../../src/model/target.ts';

const service = { namespace: 'shop', pod: 'api', kind: 'service' };

describe('a reply in a thread', () => {
  test.each<[string, object]>([
    ['again', { verb: 'again', change: {} }],
    ['why?', { verb: 'why' }],
    ['from node/n1', { verb: 'again', change: { from: { kind: 'node', name: 'n1' } } }],
    ['from default/client', { verb: 'again', change: { from: { kind: 'pod', namespace: 'default', name: 'client' } } }],
    ['to svc:shop/api', { verb: 'again', change: { to: { kind: 'target', name: service } } }],
    ['to svc/shop/api', { verb: 'again', change: { to: { kind: 'target', name: service } } }],
    ['to outside:192.0.2.9 port 443', { verb: 'again', change: { to: { kind: 'outside', address: '192.0.2.9' } } }],
    ['svc:shop/api', { verb: 'again', change: { name: service } }],
    ['svc:shop/api port 80', { verb: 'again', change: { name: service, port: { protocol: 'tcp', number: 80 } } }],
    ['again svc:shop/api', { verb: 'again', change: { name: service } }],
    ['ack', { verb: 'attend', what: 'acknowledged' }],
    ['Snooze', { verb: 'attend', what: 'snoozed', minutes: 60 }],
    ['snooze 2h', { verb: 'attend', what: 'snoozed', minutes: 120 }],
    ['snooze 15m', { verb: 'attend', what: 'snoozed', minutes: 15 }],
    ['mute', { verb: 'attend', what: 'muted' }],
    ['unmute', { verb: 'attend', what: 'unmuted' }],
  ])('%s', (text, reply) => expect(parseReply(text)).toMatchObject(reply));

  test.each([
    'from',
    'to',
    'to be or not to be',
    'from a/b from c/d',
    'shop/api',
    'note: shop/api',
    'constructor',
    'snooze 0m',
    'snooze 25h',
    'snooze for a while',
    'mute this please',
    'again later',
    'svc:shop',
  ])('%j is for other people', (text) => expect(parseReply(text)).toBeNull());
});

describe('a change of what was asked', () => {
  const target: Target = { cluster: 'c', namespace: 'default', pod: 'mypod', from: null, port: null };
  const change = (text: string, of: Target = target) => {
    const reply = parseReply(text);
    if (reply?.verb !== 'again') throw new Error('not a change');
    return changedFlow(of, reply.change);
  };

  test('to a Service makes the pod the sender', () =>
    expect(change('to svc:shop/api port 80')).toMatchObject({
      ok: true,
      value: { ...service, from: { kind: 'pod', namespace: 'default', name: 'mypod' }, port: { number: 80 } },
    }));

  test('another target keeps the other end', () =>
    expect(change('svc:shop/api', { ...target, from: { kind: 'node', name: 'n1' } })).toEqual({
      ok: true,
      value: { ...service, from: { kind: 'node', name: 'n1' }, port: null },
    }));

  test('a flow that leaves the cluster stays one when only its port changes', () => {
    const out: Target = { ...target, to: { kind: 'outside', address: '192.0.2.9' } };
    expect(change('port 443', out)).toMatchObject({ ok: true, value: { to: out.to, port: { number: 443 } } });
    expect(change('from node:n1', out)).toMatchObject({ ok: true, value: { from: { kind: 'node' } } });
  });

  test('the family stays, unless the new end says another', () => {
    const six: Target = { ...target, family: 6 };
    expect(change('family ipv6', target)).toMatchObject({ ok: true, value: { family: 6 } });
    expect(change('port 443', six)).toMatchObject({ ok: true, value: { family: 6 } });
    expect(change('from node:n1', six)).toMatchObject({ ok: true, value: { family: 6 } });
    expect(change('from outside:192.0.2.7', six)).not.toHaveProperty('value.family');
    expect(change('family ipv6 from outside:192.0.2.7', target)).toMatchObject({
      ok: false,
      problem: '192.0.2.7 is not an address of IPv6: leave the family out',
    });
    expect(parseReply('family is well')).toBeNull();
  });

  test('the client is waited for again, and another one is not', () => {
    const waiting: Target = { ...target, from: { kind: 'pod', namespace: 'default', name: 'client' }, wait: 30 };
    expect(change('again', waiting)).toMatchObject({ ok: true, value: { from: waiting.from, wait: 30 } });
    expect(change('port 443', waiting)).toMatchObject({ ok: true, value: { wait: 30 } });
    expect(change('from node:n1', waiting)).not.toHaveProperty('value.wait');
    expect(change('deploy:shop/api', waiting)).not.toHaveProperty('value.wait');
  });

  test('the client is waited for where one is named, and said to be missing where not', () => {
    expect(change('from pod:default/client wait 60', target)).toMatchObject({ ok: true, value: { wait: 60 } });
    expect(change('wait 60', { ...target, from: { kind: 'node', name: 'n1' } })).toMatchObject({
      ok: true,
      value: { from: { kind: 'node' }, wait: 60 },
    });
    expect(change('wait 60', { ...target, from: null })).toEqual({
      ok: false,
      problem: 'wait needs the client: name it with from',
    });
    const out: Target = { ...target, to: { kind: 'outside', address: '192.0.2.9' } };
    expect(change('wait 60', out)).toMatchObject({ ok: false, problem: expect.stringContaining('of one pod') });
    for (const text of ['wait', 'wait for me', 'wait 999']) expect(parseReply(text)).toBeNull();
  });

  test('what sends nothing is said', () =>
    expect(change('to svc:shop/api', { ...target, kind: 'service' })).toMatchObject({ ok: false }));
});
