import { observed, unavailable } from '../../model/evidence.ts';
import { defineNodeProbe } from '../../model/probe.ts';
import { evidenceOf, outputOf } from '../lib/evidence.ts';
import { httpStatusOf } from '../parse/http-status.ts';

/** The health port and the answers: felix/config HealthPort 9099, 200 or 204 when live, 503 when not. */
const port = 9099;
const health = (path: string) => ({ argv: ['curl', '-s', '-i', '-m', '2', `http://localhost:${port}/${path}`], timeoutSeconds: 4, maxBytes: 100_000 });
/** curl: refused (7), no answer in time (28), an empty answer (52), reset (56). Anything else says nothing of Felix. */
const answeredOrNot = [0, 7, 28, 52, 56];

/**
 * Prints the number and arguments of each Felix process, by what a container cannot pretend: it runs as root, root owns its
 * executable, and it is in the node's own network. Names of processes are whatever they call themselves, so the
 * executable's name and the arguments only tell Felix from calico-node's other processes.
 */
const findFelix = [
  'type find stat readlink head tr >/dev/null || exit 127',
  '[[ -r /proc/self/status ]] || exit 1',
  String.raw`find /proc -mindepth 2 -maxdepth 2 -name exe \( -lname "*/calico-felix" -o -lname "*/calico-node" -o -lname "*/calico" \) -printf "%h\n" 2>/dev/null | while read -r p`,
  'do [[ $p/ns/net -ef /proc/self/ns/net ]] || continue',
  'user=none',
  'while read -r key _ effective _; do [[ $key != Uid: ]] || user=$effective; done 2>/dev/null <$p/status',
  '[[ $user == 0 && $(stat -L -c %u $p/exe 2>/dev/null) == 0 ]] || continue',
  'args=$(head -c 300 $p/cmdline 2>/dev/null | tr -c "[:print:]" " ")',
  'case "$(readlink $p/exe) $args " in */calico-felix" "*|*" -felix "*|*" --felix "*|*" component felix "*) echo "$(basename $p) $args"',
  'esac',
  'done',
  'exit 0',
].join('; ').replaceAll('; esac', ' ;; esac');

export const felix = defineNodeProbe({
  id: 'felix',
  description: 'Felix on a node: its process, and its liveness and readiness where the health port is its own.',
  kind: 'passive',
  place: 'node',
  places: ['target', 'source'],
  essential: false,
  commands: {
    processes: { argv: ['bash', '-c', findFelix], timeoutSeconds: 5, maxBytes: 100_000 },
    listener: { argv: ['ss', '-Hltnp', `( sport = :${port} )`], timeoutSeconds: 3, maxBytes: 100_000 },
    liveness: health('liveness'),
    readiness: health('readiness'),
  },
  needs: [],
  provides: ['felix'],
  async read(look) {
    const [processes, listener, liveness, readiness] = await Promise.all([look.run('processes'), look.run('listener'), look.run('liveness'), look.run('readiness')]);
    const lines = outputOf(processes).split('\n').filter((line) => line.trim() !== '');
    const evidence = [evidenceOf(processes), evidenceOf(listener), evidenceOf(liveness), evidenceOf(readiness)];
    const answers = { liveness: httpStatusOf(outputOf(liveness, answeredOrNot)), readiness: httpStatusOf(outputOf(readiness, answeredOrNot)) };
    const sockets = outputOf(listener).split('\n').filter((line) => line.trim() !== '');
    // Without a process, whoever answers there is not Felix.
    if (lines.length === 0) return { felix: observed({ processes: [], liveness: null, readiness: null }, evidence) };
    const own = new Set(lines.map((line) => line.split(' ')[0]));
    const runs = `Felix runs on ${look.node} (process ${[...own].join(', ')})`;
    const notChecked = (why: string) => ({ felix: unavailable('no-answer', `${runs}, but I cannot tell whether it is live: ${why}`, evidence) });
    if (sockets.length === 0) return notChecked(`it does not listen on its health port ${port}. FELIX_HEALTHENABLED=true turns the port on`);
    if (!sockets.every((line) => isOwn(line, own))) return notChecked(`another process listens on its health port ${port}`);
    if (answers.liveness === null) return notChecked(`its health port ${port} does not answer in time`);
    return { felix: observed({ processes: lines, ...answers }, evidence) };
  },
});

/** A process may call itself something with `pid=` in it: that adds a number to the line and takes none away. */
function isOwn(socket: string, own: ReadonlySet<string | undefined>): boolean {
  const pids = [...socket.matchAll(/pid=(\d+)/g)].map(([, pid]) => pid);
  return pids.length > 0 && pids.every((pid) => own.has(pid));
}
