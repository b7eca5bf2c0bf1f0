import { expect, test } from '@jest/globals';
import { nodePairNote } from '../../src/engine/node-pair-note.ts';
import type { NodeAnswers } from '../../src/model/node-answers.ts';
import type { CapturePlace } from '../../src/model/path-capture.ts';
import { blind, captured, changed, factOf, failing, type Facts } from '../support/facts.ts';
import { emptyPlace } from '../support/capture-place.ts';

const working = await captured('healthy-legacy');
const silent: NodeAnswers = {
  node: 'n1',
  address: '10.250.0.11',
  from: 'n2',
  answers: [],
  neighbour: 'silent',
  control: 'n3',
  itself: 'connected',
};
const back: NodeAnswers = { ...silent, node: 'n2', address: '10.250.0.12', from: 'n1' };
const three = ['a', 'b', 'c'];
const place = (hop: CapturePlace['hop'], seen: Partial<CapturePlace>): CapturePlace => ({
  node: hop === 'source-card' ? 'n2' : 'n1',
  hop,
  ...emptyPlace,
  ...seen,
});
const between = (
  source: Partial<CapturePlace>,
  target: Partial<CapturePlace>,
  answers: readonly NodeAnswers[] = [silent, back],
  of: Facts = failing(working),
) =>
  changed(of, {
    'node-answers': answers,
    'path-capture': {
      encapsulation: 'ipip',
      places: [place('source-card', source), place('target-card', target)],
    },
  });
const notesOf = (of: Facts) => nodePairNote({ fact: (key) => factOf(of, key) });
const sent = { requests: three, control: ['p'] };
const pair = 'n2 and n1 do not answer each other (ping, TCP), and other nodes answer both.';

test.each<[string, Facts, string]>([
  ['the requests', between(sent, {}), 'n2 sent 4 packets to n1, and none reached its network interface.'],
  [
    'the replies',
    between(sent, { ...sent, replies: three, controlReplies: ['p'] }),
    'n1 sent 4 packets to n2, and none reached its network interface.',
  ],
])('says in which direction everything is lost, as captures saw it: %s', async (_, of, seen) => {
  expect(await notesOf(of)).toEqual([
    `${pair} ${seen} So more than the packets of pods is lost. Ask the network team what is between 10.250.0.12 and ` +
      '10.250.0.11, and drops packets.',
  ]);
});

test.each<[string, Facts]>([
  ['there was no capture', blind(between(sent, {}), ['path-capture'])],
  ['some arrive', between(sent, { requests: ['a'] })],
  ['a plain packet arrives', between(sent, { control: ['p'] })],
  ['no plain packet left', between({ requests: three }, {})],
  ['they are too few', between({ requests: ['a'], control: ['p'] }, {})],
  ['the kernel dropped packets of a capture', between(sent, { droppedByKernel: 1 })],
  ['replies left without a plain one', between(sent, { ...sent, replies: three })],
])('names no direction: %s', async (_, of) => {
  expect(await notesOf(of)).toEqual([
    `${pair} A firewall of a node, or the network between them, drops packets. Ask the owners what is between ` +
      '10.250.0.12 and 10.250.0.11.',
  ]);
});

test.each<[string, Facts]>([
  ['the flow works', between(sent, {}, [silent], working)],
  ['something came back', between(sent, {}, [silent, { ...back, answers: ['ARP'] }])],
  ['one is cut off from all', between(sent, {}, [{ ...silent, itself: 'cut-off' }])],
  ['who asked is not shown to reach others', between(sent, {}, [{ ...silent, control: null }])],
  ['nobody asked', between(sent, {}, [])],
  ['the answers are not known', blind(between(sent, {}), ['node-answers'])],
  ['there is no flow', blind(between(sent, {}), ['flow'])],
])('says nothing: %s', async (_, of) => {
  expect(await notesOf(of)).toEqual([]);
});
