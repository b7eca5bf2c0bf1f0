import { describePort } from '../model/target-grammar.ts';
import type { Gathering } from './gather.ts';

/**
 * Returns a note where connections wait to be accepted at a port that answers: the kernel completes handshakes for a
 * program that hangs, and the test sends no data.
 */
export async function waitingNote(gathering: Pick<Gathering, 'fact'>): Promise<readonly string[]> {
  const [flow, outcome, listeners] = await Promise.all([
    gathering.fact('flow'),
    gathering.fact('flow-outcome'),
    gathering.fact('listeners'),
  ]);
  if (flow.status === 'unavailable' || listeners.status === 'unavailable') return [];
  if (outcome.status === 'unavailable' || outcome.value.judgedPort !== 'works') return [];
  const { port, destination } = flow.value;
  if (port.protocol !== 'tcp') return [];
  const waiting = listeners.value
    .filter((socket) => socket.port === port.number)
    .reduce((sum, { queued }) => sum + queued, 0);
  if (waiting === 0) return [];
  const connections = waiting === 1 ? '1 connection' : `${waiting} connections`;
  return [
    `${connections} to ${describePort(port)} waited to be accepted when the sockets were read. The kernel opens ` +
      'connections also for a program that hangs, and the test sent no data. If the number (Recv-Q) does not fall, ' +
      'the program does not accept them. To do next: ' +
      `kubectl -n ${destination.namespace} exec ${destination.name} -- ss -ltn`,
  ];
}
