import { describePort } from '../model/target-grammar.ts';
import type { Gathering } from './gather.ts';

/**
 * Returns a note where connections wait to be accepted at a port that answers: the kernel completes handshakes for a
 * program that hangs, and the test sends no data. Sockets are read after the tries: fewer than these opened, and the
 * program took some of them.
 */
export async function waitingNote(gathering: Pick<Gathering, 'fact'>): Promise<readonly string[]> {
  const [flow, outcome, reachability, listeners] = await Promise.all([
    gathering.fact('flow'),
    gathering.fact('tried-outcome'),
    gathering.fact('reachability'),
    gathering.fact('listeners'),
  ]);
  if (flow.status === 'unavailable' || listeners.status === 'unavailable') return [];
  if (outcome.status === 'unavailable' || outcome.value.judgedPort !== 'works') return [];
  const { port, destination } = flow.value;
  if (port.protocol !== 'tcp') return [];
  const waiting = listeners.value
    .filter((socket) => socket.port === port.number)
    .reduce((sum, { queued }) => sum + queued, 0);
  const opened = (reachability.status === 'observed' ? reachability.value.attempts : [])
    .filter(({ what }) => what === 'flow')
    .reduce((sum, { answered }) => sum + answered, 0);
  if (waiting === 0 || waiting < opened) return [];
  const connections = waiting === 1 ? '1 connection' : `${waiting} connections`;
  return [
    `${connections} to ${describePort(port)} waited to be accepted after the test: the program may hang. The kernel ` +
      'opens connections also for such a program, and the test sent no data. If the number (Recv-Q) does not fall, ' +
      'the program does not accept them. To do next: ' +
      `kubectl -n ${destination.namespace} exec ${destination.name} -- ss -ltn`,
  ];
}
