/** Threads of captured clusters from the first message to the last: the words of rules with what real Calico printed. */
import { diagnose } from '../../src/engine/diagnose.ts';
import { evidenceView } from '../../src/bot/render/evidence-view.ts';
import { runMessages } from '../../src/bot/render/run-messages.ts';
import { runState } from '../../src/bot/render/run-state.ts';
import { verdictText } from '../../src/cli/verdict-text.ts';
import { LookError } from '../../src/model/look-error.ts';
import type { NodeShells } from '../../src/model/ports.ts';
import type { CleanEvent, RunEventBody } from '../../src/model/runs.ts';
import type { Target } from '../../src/model/target.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import { firstCase, firstCaseFixed } from '../bot/first-case.ts';
import { events, sampleRun, sampleVerdict, started } from '../bot/sample-run.ts';
import { captureCluster } from '../cases/capture-cluster.ts';
import { captureShells } from '../cases/capture-shells.ts';
import { readCapture, type Capture } from '../cases/capture.ts';
import { holdingAddress, unanswered, withoutHost, withoutTcpdump } from '../cases/changed-captures.ts';
import { captureDeps, captureRequest } from '../cases/judge-capture.ts';
import { boxed, shown, shownView } from './shown.ts';

interface Scene {
  readonly title: string;
  readonly capture: Capture;
  readonly target?: Partial<Target>;
  readonly shells?: NodeShells;
  /** Of another capture, where this one has no objects of the API server. */
  readonly objects?: Capture;
}

const healthy = readCapture('healthy-legacy');
const misdetected = withoutHost(healthy, 'n1', '10.250.0.12');

const scenes: readonly Scene[] = [
  {
    title: 'A policy that does not admit the client',
    capture: readCapture('k8s-deny-ingress-legacy'),
    objects: healthy,
  },
  {
    title: 'A node whose address Calico has wrong',
    capture: healthy,
    shells: withoutTcpdump(captureShells(unanswered(holdingAddress(misdetected, 'n2', '192.0.2.7/24')))),
  },
  { title: 'A node that does not let the bot in', capture: healthy, shells: without('n2', captureShells(healthy)) },
  { title: 'A healthy pod', capture: healthy },
  { title: 'A profile that its controller may not make', capture: readCapture('profile-missing-rbac-nft') },
  { title: 'IPIP that does not arrive', capture: readCapture('ipip-blocked-legacy') },
  { title: 'A rule of somebody else', capture: readCapture('foreign-forward-drop-nft') },
  {
    title: 'A new pod that Felix does not know',
    capture: readCapture('calico-node-forbidden-new-pod-kdd-nft'),
    target: { pod: 'newpod' },
  },
];

/** Returns the threads, and the first one as the command line prints it. */
export async function capturedTexts(): Promise<readonly string[]> {
  const told = await Promise.all(scenes.map(async (scene, at) => textsOf(scene, at === 0)));
  const later = {
    verdict: sampleVerdict({ verdict: 'healthy', flow: 'works', roots: [], consequences: [] }),
    at: '2026-01-01T03:20:00.000Z',
  };
  return [
    ...told.flat(),
    ...threadTexts('The first case, with its fixes', sampleRun, events(firstCase)),
    ...threadTexts('The first case, fixed', sampleRun, events(firstCaseFixed), later),
  ];
}

async function textsOf(
  { title, capture, target, shells, objects }: Scene,
  asPrinted: boolean,
): Promise<readonly string[]> {
  const bodies: RunEventBody[] = [started];
  const deps = captureDeps(capture);
  const all = await diagnose(
    { ...deps, cluster: objects ? captureCluster(objects) : deps.cluster, shells: shells ?? deps.shells },
    { ...captureRequest(target), run: 'r-01JCAPTURE' },
    async (event) => void bodies.push(event),
  );
  const verdict = ofItsCluster(all);
  bodies.push({ type: 'verdict', verdict });
  const told = events(bodies);
  const state = runState('r-01JCAPTURE', told);
  return [
    ...threadTexts(title, 'r-01JCAPTURE', told),
    ...(asPrinted && state
      ? ['#### Behind the button Evidence', shownView(evidenceView(state, '')), boxed(verdictText(verdict))]
      : []),
  ];
}

function threadTexts(
  title: string,
  run: string,
  told: readonly CleanEvent[],
  later: { readonly verdict: Verdict; readonly at: string } | null = null,
): readonly string[] {
  const messages = runMessages(run, told, later).map(({ content }) => content);
  return [`### ${title}`, `Notification: ${messages[0]?.text ?? ''}`, ...messages.map(shown)];
}

/** What a capture lacks was there on its cluster. */
function ofItsCluster(verdict: Verdict): Verdict {
  return {
    ...verdict,
    blindSpots: verdict.blindSpots.filter(({ reason }) => !reason.includes('the capture does not hold')),
  };
}

function without(node: string, shells: NodeShells): NodeShells {
  const refused = () => {
    throw new LookError('ssh-refused', `${node} (10.250.0.12:22): the key of calico-chatops was not accepted`);
  };
  return { ...shells, shell: (address) => (address.name === node ? { node, start: refused } : shells.shell(address)) };
}
