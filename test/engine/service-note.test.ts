import { expect, test } from '@jest/globals';
import { serviceNote } from '../../src/engine/service-note.ts';
import type { ReachAttempt } from '../../src/model/reachability.ts';
import type { Translation } from '../../src/model/service-translation.ts';
import type { FoundFinding } from '../../src/model/verdict.ts';
import { tcp, tried } from '../support/attempts.ts';
import { blind, captured, changed, factOf, valueOf, type Facts } from '../support/facts.ts';
import { webService } from '../support/web-service.ts';

const healthy = await captured('healthy-legacy');
const led: Translation = { kind: 'endpoints', endpoints: ['10.244.1.5:8080'], rule: '-A KUBE-SERVICES' };
const direct = tried('flow', 8080, 'reply');
const [answered, silent] = [tried('service', 80, 'reply'), tried('service', 80, 'none')];
const having = (attempts: readonly ReachAttempt[], translation: Translation = led): Facts =>
  changed(healthy, {
    service: webService,
    flow: {
      ...valueOf(healthy, 'flow'),
      port: tcp(8080),
      service: { name: 'default/web', address: '198.51.100.20', port: tcp(80) },
    },
    reachability: { attempts },
    'service-translation': translation,
  });
const notesOf = (of: Facts, roots: readonly FoundFinding[] = []) =>
  serviceNote({ fact: (key) => factOf(of, key) }, roots);

test('connections to a Service are lost behind its translation: the note says where answers go', async () => {
  const [note = '', ...more] = await notesOf(having([direct, silent]));
  expect(more).toEqual([]);
  expect(note).toContain('Node n2 leads Service default/web to its endpoints');
  expect(note).toContain('To do next on n2: conntrack -L -d 198.51.100.20');
});

test.each<[string, Promise<readonly string[]>]>([
  ['the Service answers', notesOf(having([direct, answered]))],
  ['the pod itself does not answer', notesOf(having([tried('flow', 8080, 'none'), silent]))],
  ['a cause is known', notesOf(having([direct, silent]), [{} as FoundFinding])],
  ['the node does not translate it', notesOf(having([direct, silent], { kind: 'none' }))],
  ['eBPF programs translate it', notesOf(having([direct, silent], { ...led, byPrograms: true }))],
  ['the translation was not read', notesOf(blind(having([direct, silent]), ['service-translation']))],
])('nothing is told: %s', async (_, notes) => {
  expect(await notes).toEqual([]);
});
