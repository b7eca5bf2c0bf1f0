import { observed } from '../model/evidence.ts';
import { defineNodeProbe } from '../model/probe.ts';
import { evidenceOf } from './evidence.ts';
import { httpStatusOf } from './parse/http-status.ts';

/** The health port and the answers: felix/config HealthPort 9099, 200 or 204 when live, 503 when not. */
const health = (path: string) => ({ argv: ['curl', '-s', '-i', '-m', '2', `http://localhost:9099/${path}`], timeoutSeconds: 4, maxBytes: 100_000 });

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
    const lines = processes.stdout.split('\n').filter((line) => line.trim() !== '');
    return {
      felix: observed({ processes: lines, liveness: httpStatusOf(liveness.stdout), readiness: httpStatusOf(readiness.stdout) }, [evidenceOf(processes), evidenceOf(liveness), evidenceOf(readiness)]),
    };
  },
});
