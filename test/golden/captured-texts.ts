/** Threads of captured clusters from the first message to the last: the words of rules with what real Calico printed. */
import { computed } from '../../src/computed/registry.ts';
import { diagnose } from '../../src/engine/diagnose.ts';
import { runMessages } from '../../src/bot/render/run-messages.ts';
import { verdictText } from '../../src/cli/verdict-text.ts';
import { LookError } from '../../src/model/look-error.ts';
import type { NodeShells } from '../../src/model/ports.ts';
import type { RunEventBody } from '../../src/model/runs.ts';
import type { Target } from '../../src/model/target.ts';
import { probes } from '../../src/probes/registry.ts';
import { rules } from '../../src/rules/registry.ts';
import { events, started } from '../bot/sample-run.ts';
import { captureCluster } from '../cases/capture-cluster.ts';
import { captureShells } from '../cases/capture-shells.ts';
import { readCapture, type Capture } from '../cases/capture.ts';
import { holdingAddress, withoutHost } from '../cases/changed-captures.ts';
import { boxed, shown } from './shown.ts';

interface Scene {
  readonly title: string;
  readonly capture: Capture;
  readonly target?: Partial<Target>;
  readonly shells?: NodeShells;
}

const client: Target = {
  cluster: 'default',
  namespace: 'default',
  pod: 'mypod',
  from: { kind: 'pod', namespace: 'default', name: 'client' },
  port: null,
};
const denied = readCapture('k8s-deny-ingress-legacy');
const healthy = readCapture('healthy-legacy');
const misdetected = withoutHost(healthy, 'n1', '10.250.0.12');

const scenes: readonly Scene[] = [
  { title: 'A policy that does not admit the client', capture: denied },
  {
    title: 'A node whose address Calico has wrong',
    capture: silent(holdingAddress(misdetected, 'n2', '192.0.2.7/24')),
  },
  { title: 'A node that does not let the bot in', capture: healthy, shells: without('n2', captureShells(healthy)) },
];

/** Returns the threads, and the first one as the command line prints it. */
export async function capturedTexts(): Promise<readonly string[]> {
  const told = await Promise.all(scenes.map(async (scene, at) => textsOf(scene, at === 0)));
  return told.flat();
}

async function textsOf({ title, capture, target, shells }: Scene, asPrinted: boolean): Promise<readonly string[]> {
  const bodies: RunEventBody[] = [started];
  const all = await diagnose(
    {
      probes,
      computed,
      rules,
      clock: { now: () => new Date('2026-11-23T18:00:10Z'), sleep: async () => {} },
      cluster: captureCluster(healthy),
      shells: shells ?? captureShells(capture),
    },
    { run: 'r-01JCAPTURE', target: { ...client, ...target } },
    async (event) => void bodies.push(event),
  );
  // What a capture lacks was there on its cluster.
  const blindSpots = all.blindSpots.filter(({ reason }) => !reason.includes('the capture does not hold'));
  const verdict = { ...all, blindSpots };
  bodies.push({ type: 'verdict', verdict });
  const [parent, , ...findings] = runMessages('r-01JCAPTURE', events(bodies)).map(({ content }) => shown(content));
  return [`### ${title}`, parent ?? '', ...findings, ...(asPrinted ? [boxed(verdictText(verdict))] : [])];
}

/** No ping of the scenario gets an answer. */
function silent(capture: Capture): Capture {
  return { ...capture, text: (path) => (path === 'ground-truth.txt' ? '' : capture.text(path)) };
}

function without(node: string, shells: NodeShells): NodeShells {
  const refused = () => {
    throw new LookError('ssh-refused', `${node} (10.250.0.12:22): the key of calico-chatops was not accepted`);
  };
  return { ...shells, shell: (address) => (address.name === node ? { node, start: refused } : shells.shell(address)) };
}
