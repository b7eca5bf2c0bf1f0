import { observed } from '../model/evidence.ts';
import { defineNodeProbe } from '../model/probe.ts';
import { evidenceOf, outputOf } from './evidence.ts';
import { httpStatusOf } from './parse/http-status.ts';

/** The health port and the answers: felix/config HealthPort 9099, 200 or 204 when live, 503 when not. */
const health = (path: string) => ({ argv: ['curl', '-s', '-i', '-m', '2', `http://localhost:9099/${path}`], timeoutSeconds: 4, maxBytes: 100_000 });

/** pgrep: 1 says that there is none. */
const foundOrNot = [0, 1];
/** curl: refused (7), no answer in time (28), an empty answer (52), reset (56). Anything else says nothing of Felix. */
const answeredOrNot = [0, 7, 28, 52, 56];

export const felix = defineNodeProbe({
  id: 'felix',
  description: 'Felix on a node: its process, liveness and readiness.',
  kind: 'passive',
  place: 'node',
  places: ['target', 'source'],
  essential: false,
  commands: {
    /** The brackets keep the pattern from matching this very command line. */
    processes: { argv: ['pgrep', '-a', '-f', '[c]alico-felix|[c]alico-node +-felix|[c]alico component felix'], timeoutSeconds: 3, maxBytes: 100_000 },
    liveness: health('liveness'),
    readiness: health('readiness'),
  },
  needs: [],
  provides: ['felix'],
  async read(look) {
    const [processes, liveness, readiness] = await Promise.all([look.run('processes'), look.run('liveness'), look.run('readiness')]);
    const lines = outputOf(processes, foundOrNot).split('\n').filter((line) => line.trim() !== '' && !isEnded(line));
    return {
      felix: observed({ processes: lines, liveness: httpStatusOf(outputOf(liveness, answeredOrNot)), readiness: httpStatusOf(outputOf(readiness, answeredOrNot)) }, [evidenceOf(processes), evidenceOf(liveness), evidenceOf(readiness)]),
    };
  },
});

/** It has ended, and its parent has not asked how yet (`79 [calico-felix] <defunct>`). */
function isEnded(line: string): boolean {
  return line.trimEnd().endsWith('<defunct>');
}
