import { expect, test } from '@jest/globals';
import { waitingNote } from '../../src/engine/waiting-note.ts';
import { parseListeningSockets } from '../../src/probes/parse/listening-sockets.ts';
import { tried } from '../support/attempts.ts';
import { blind, captured, changed, factOf, valueOf, type Facts } from '../support/facts.ts';

const captureOf = await captured('healthy-legacy', { port: { protocol: 'tcp', number: 8080 } });
const opened = (answered: number) => ({
  'tried-outcome': { flow: 'works', judgedPort: 'works' } as const,
  reachability: { attempts: [{ ...tried('flow', 8080, 'reply', answered), sent: answered }] },
});
const working = changed(captureOf, opened(3));
const listening = (text: string, of: Facts = working) => changed(of, { listeners: parseListeningSockets(text) });
const stopped = 'LISTEN 4      128          0.0.0.0:8080      0.0.0.0:*\n';
const notesOf = (of: Facts) => waitingNote({ fact: (key) => factOf(of, key) });

test('tells connections that wait at a port that opens them, and how to see whether that stays', async () => {
  expect(await notesOf(listening(stopped))).toEqual([
    '4 connections to 8080/tcp waited to be accepted after the test: the program may hang. The kernel opens ' +
      'connections also for such a program, and the test sent no data. If the number (Recv-Q) does not fall, the ' +
      'program does not accept them. To do next: kubectl -n default exec mypod -- ss -ltn',
  ]);
});

test('tells one, and those of both families together', async () => {
  const one = changed(listening(stopped.replace('4 ', '1 ')), opened(1));
  expect((await notesOf(one))[0]).toMatch(/^1 connection to 8080\/tcp waited /);
  const both = `${stopped}LISTEN 2      128          [::]:8080      [::]:*\n`;
  expect((await notesOf(listening(both)))[0]).toMatch(/^6 connections /);
});

test.each<[string, Facts]>([
  ['fewer wait than the tries opened', listening(stopped.replace('4 ', '2 '))],
  ['none waits', listening(stopped.replace('4 ', '0 '))],
  ['they wait at another port', listening(stopped.replace('8080', '9090'))],
  [
    'the port does not answer, which a rule judges',
    changed(listening(stopped), { 'tried-outcome': { flow: 'fails', judgedPort: 'fails' } }),
  ],
  ['whether it answers is not known', blind(listening(stopped), ['tried-outcome'])],
  ['the sockets were not read', blind(working, ['listeners'])],
  ['there is no flow', blind(listening(stopped), ['flow'])],
  [
    'pings are asked about',
    changed(listening(stopped), { flow: { ...valueOf(working, 'flow'), port: { protocol: 'icmp' } } }),
  ],
])('says nothing: %s', async (_, of) => {
  expect(await notesOf(of)).toEqual([]);
});
