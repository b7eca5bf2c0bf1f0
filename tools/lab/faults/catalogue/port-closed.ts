import { podPart } from '../../paths.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';

const pod = 'default/mypod';
const server = podPart('default', 'mypod');

export const portClosed = defineFault({
  name: 'port-closed',
  summary: 'the program in default/mypod ended, and nothing listens on its port',
  expects: {
    asks: [pod, '--port', '8080/tcp'],
    verdict: 'fault',
    roots: ['port-not-listening'],
    answers: [flow('default/client', pod), flow('default/client', 'default/twin', 8080)],
    silent: [flow('default/client', pod, 8080), flow('node-a', pod, 8080)],
  },
  break: () => [{ do: 'stop', process: server }],
  heal: () => [{ do: 'start', process: server }],
});
