import { felixHealthPort as port, felixPids, isOwnSocket } from '../../calico/felix-health.ts';
import { httpStatusOf } from '../../calico/http-status.ts';
import { bashFindFelix } from '../../commands/bash.ts';
import { curlFelixLiveness, curlFelixReadiness } from '../../commands/curl.ts';
import { ssFelixHealthPort } from '../../commands/ss.ts';
import { observed, unavailable } from '../../model/evidence.ts';
import { defineNodeProbe } from '../../model/probe.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import { outputOf } from '../lib/evidence.ts';

/** curl: refused (7), no answer in time (28), an empty answer (52), reset (56). Anything else says nothing of Felix. */
const answeredOrNot = [0, 7, 28, 52, 56];

export const felix = defineNodeProbe({
  id: 'felix',
  description: 'Felix on a node: its process, and its liveness and readiness where the health port is its own.',
  kind: 'passive',
  place: 'node',
  places: ['target', 'source'],
  essential: false,
  commands: [bashFindFelix, ssFelixHealthPort, curlFelixLiveness, curlFelixReadiness],
  needs: [],
  provides: ['felix'],
  async read(look) {
    const [processes, listener, liveness, readiness] = await Promise.all([
      look.run(bashFindFelix),
      look.run(ssFelixHealthPort),
      look.run(curlFelixLiveness),
      look.run(curlFelixReadiness),
    ]);
    const lines = outputOf(processes)
      .split('\n')
      .filter((line) => line.trim() !== '');
    const evidence = [evidenceOf(processes), evidenceOf(listener), evidenceOf(liveness), evidenceOf(readiness)];
    // One of the two looks came between two Felixes, or another program has Felix's name: neither live nor dead.
    if (lines.length === 0 && /\(\("calico(?:-felix|-node)?",/.test(outputOf(listener)))
      return {
        felix: unavailable(
          'no-answer',
          `I found no Felix process on ${look.node}, but a program of its name listens on its health port ${port}`,
          evidence,
        ),
      };
    // Without a process, what answers there is not Felix.
    if (lines.length === 0) return { felix: observed({ processes: [], liveness: null, readiness: null }, evidence) };
    const answers = {
      liveness: httpStatusOf(outputOf(liveness, answeredOrNot)),
      readiness: httpStatusOf(outputOf(readiness, answeredOrNot)),
    };
    const sockets = outputOf(listener)
      .split('\n')
      .filter((line) => line.trim() !== '');
    const own = felixPids(outputOf(processes));
    const runs = `Felix runs on ${look.node} (process ${[...own].join(', ')})`;
    const notChecked = (why: string) => ({
      felix: unavailable('no-answer', `${runs}, but I cannot tell whether it is live: ${why}`, evidence),
    });
    if (sockets.length === 0)
      return notChecked(
        `it does not listen on its health port ${port}. A Felix that has just started opens it within seconds. ` +
          'If it stays closed, FELIX_HEALTHENABLED=true turns it on',
      );
    if (!sockets.every((line) => isOwnSocket(line, own)))
      return notChecked(`another process listens on its health port ${port}`);
    if (answers.liveness === null) return notChecked(`its health port ${port} does not answer in time`);
    return { felix: observed({ processes: lines, ...answers }, evidence) };
  },
});
