import { expect, test } from '@jest/globals';
import { outsideEnd } from '../../../src/flow-walks/ends.ts';
import type { WayAnswer } from '../../../src/model/kernel-way.ts';
import type { Route } from '../../../src/model/network.ts';
import { cardTo, unwatchedWords } from '../../../src/probes/lib/client-card.ts';
import { captured, valueOf } from '../../support/facts.ts';
import { route } from '../../support/ways.ts';

const facts = await captured('healthy-legacy');
const [routes, links] = [valueOf(facts, 'routes@target'), valueOf(facts, 'links@target')];
const client = '203.0.113.7';
const by = (device: string): WayAnswer => ({
  kind: 'route',
  type: 'unicast',
  device,
  gateway: null,
  table: 'main',
  preferredSource: null,
});
const refused: WayAnswer = { kind: 'refused', error: 'invalid-argument', words: 'Invalid argument' };

const question = (answer: WayAnswer, table: readonly Route[] = routes, known = links) => ({
  flow: { ...valueOf(facts, 'flow'), source: outsideEnd(client) },
  target: {
    rulesets: { node: 'n1' },
    routes: table,
    links: known,
    ways: [
      {
        of: 'reply-target-egress',
        node: 'n1',
        destination: client,
        source: null,
        inInterface: null,
        mark: 0,
        answer,
        doubt: null,
        evidence: [],
      } as const,
    ],
  },
});
const astray = [route({ destination: `${client}/32`, device: 'vpn0' }), ...routes];

test('the interface with the address of the node is watched, whatever route answers take', () => {
  expect(cardTo(question(by('eth0')))).toEqual({ watched: 'eth0', control: client, leaving: 'eth0' });
  expect(cardTo(question(refused))).toEqual({ watched: 'eth0', control: client, leaving: null });
  expect(cardTo(question(by('vpn0'), astray))).toEqual({ watched: 'eth0', control: '10.250.0.1', leaving: 'vpn0' });
});

test('without such an address it is the one by which the node itself sends', () => {
  expect(cardTo(question(by('vpn0'), astray, []))).toEqual({ watched: 'vpn0', control: client, leaving: 'vpn0' });
});

test('answers that leave by another interface were not watched', () => {
  expect(unwatchedWords(question(by('eth0')))).toBeNull();
  expect(unwatchedWords(question(refused))).toBeNull();
  expect(unwatchedWords(question(by('vpn0')))).toContain(`tcpdump -p -ni vpn0 host ${client}`);
  expect(unwatchedWords(question(refused, [], []))).toContain('no network interface');
});
