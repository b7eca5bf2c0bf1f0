import { mayBeDenied } from '../../model/denied-walk.ts';
import { isRefused } from '../../model/ruleset/walk.ts';
import { isCrossNode, leavesCluster } from '../../model/flow-place.ts';
import { observed, unavailable, type Fact } from '../../model/evidence.ts';
import type { DropCounters } from '../../model/drop-counters.ts';
import type { Reachability } from '../../model/reachability.ts';
import { LookError } from '../../model/look-error.ts';
import type { Sightings } from '../../model/sightings.ts';
import { defineClusterProbe, type ObservedFacts } from '../../model/probe.ts';
import type { PodPrograms } from '../../model/ebpf-programs.ts';
import { burstProofs, risenReasons } from '../lib/burst-proofs.ts';
import { bareCaptureCommands, captureCommands } from '../lib/capture-commands.ts';
import { startCaptures } from '../lib/captures.ts';
import { followWay } from '../lib/follow-way.ts';
import { planSending } from '../lib/marked-sending.ts';
import { sendCommands } from '../lib/send-one.ts';
import { programCommands, readCounted } from '../lib/program-reading.ts';
import { readForProof } from '../lib/proof-reading.ts';
import { rulesetCommands } from '../lib/ruleset-reading.ts';
import type { WalkedNode } from '../../flow-walks/walked-node.ts';
import { waitForClient } from '../lib/wait-for-client.ts';
import { queueCommands, readQueues } from '../lib/queue-places.ts';
import { watchQueues } from '../lib/queue-watch.ts';
import { watchTools } from '../lib/watched-tools.ts';
import { walkedNodeAt } from '../lib/walked-node.ts';

/** An idle window as long as a lost probe is waited for: what rises in it is not ours. */
const idleMs = 900;

const unwatched = { target: false, source: false, programs: [] } as const;

const unsent =
  'nothing can be sent from outside the cluster. Ask again with --wait 60 (in Slack: wait 60), and let the client send';

const clientsOwn = unavailable('not-applicable', 'no test packets were sent: the client sent its own');

const outward = unavailable('not-applicable', 'the flow leaves the cluster: there is one node to capture on');

export const markedFlows = defineClusterProbe({
  id: 'marked-flows',
  description:
    'Sends three test flows as asked, between captures and counter snapshots on both nodes. Then tries each ' +
    'other declared port once. Follows one more packet at the interfaces of both pods if the flow fails.',
  kind: 'active',
  place: 'cluster',
  // Whether the flow works is seen by trying it. Where it is lost, nothing is called healthy anyhow.
  essential: ['reachability'],
  commands: [
    ...sendCommands,
    ...captureCommands,
    ...bareCaptureCommands,
    ...rulesetCommands,
    ...programCommands,
    ...queueCommands,
  ],
  moment: 'burst',
  needs: ['flow', 'pod'],
  runsOn: ['target', 'source'],
  uses: [
    'rulesets@target',
    'routes@target',
    'links@target',
    'rulesets@source',
    'routes@source',
    'links@source',
    'kernel-ways',
    'walks',
    'programs',
    'queues@target',
    'queues@source',
    'pod-network',
    'source-pod-network',
  ],
  provides: ['reachability', 'path-capture', 'sightings', 'drop-counters', 'queue-counts'],
  async read(look, facts) {
    const flow = facts.get('flow');
    const { status, metadata } = facts.get('pod');
    // What a pod still answers in its grace period says nothing: in a moment it is gone.
    if (status?.phase !== 'Running' || metadata.deletionTimestamp)
      throw new LookError(
        'not-applicable',
        metadata.deletionTimestamp ? 'the pod is being deleted' : 'the pod is not running',
      );
    const crossNode = isCrossNode(flow);
    const isOutside = flow.source.kind === 'outside';
    const { wait } = look.target;
    if (isOutside && wait === undefined) throw new LookError('not-supported', unsent);
    const targetNode = look.on('target');
    const sourceNode = crossNode && !isOutside ? look.on('source') : targetNode;
    const [target, source] = await Promise.all([
      walkedNodeAt(facts, 'target', targetNode.node),
      walkedNodeAt(facts, isOutside ? 'target' : 'source', sourceNode.node),
      wait === undefined ? readQueues(flow, facts) : null,
    ]);
    const tools = watchTools();
    const ends = {
      flow,
      targetNode: tools.watched(targetNode),
      sourceNode: tools.watched(sourceNode),
      target,
      source,
    };
    const sending = planSending({ look, ...ends });
    if (wait !== undefined) {
      const isSourceBypassed = (await programsIn(facts)).some(({ node }) => node === flow.source.node);
      const sleep = (milliseconds: number) => look.clock.sleep(milliseconds, look.signal);
      const met = await waitForClient({ ...ends, sending, isSourceBypassed, seconds: wait, sleep });
      return {
        reachability: observed<Reachability>({ attempts: [met.attempt] }, met.evidence, tools.gaps()),
        'path-capture': clientsOwn,
        sightings: observed<Sightings>({ points: met.sightings }, met.evidence),
        'drop-counters': clientsOwn,
        'queue-counts': clientsOwn,
      };
    }

    const walks = await facts.ask('walks');
    const denied = walks.status === 'observed' ? walks.value.filter(mayBeDenied) : [];
    // Only where a walk may end in a drop is there a counter to watch: a save may be long, and each one costs its node.
    const byRules = denied.filter(({ byPrograms }) => !byPrograms);
    const programs = await programsIn(facts);
    const watched = {
      target: !leavesCluster(flow) && byRules.some(({ node }) => node === targetNode.node),
      source: (crossNode || leavesCluster(flow)) && byRules.some(({ node }) => node === sourceNode.node),
      programs,
    };
    if (denied.length > 0) {
      const read = [target.rulesets, source.rulesets, ...programs];
      const idleSince = Math.min(...read.map(({ at }) => Date.parse(at)));
      await look.clock.sleep(Math.max(0, idleSince + idleMs - look.clock.now().getTime()), look.signal);
    }
    const countAt = ({ rulesets }: WalkedNode, node: typeof targetNode) =>
      readForProof(
        rulesets,
        byRules.filter((walk) => walk.node === node.node),
        (command, params) => node.run(command, params),
      );
    const snapshot = async (nodes: {
      readonly target: boolean;
      readonly source: boolean;
      readonly programs: readonly PodPrograms[];
    }) => {
      const [atTarget, atSource, counted] = await Promise.all([
        nodes.target ? countAt(target, targetNode) : null,
        nodes.source ? countAt(source, sourceNode) : null,
        readCounted(nodes.programs, (name) => (name === targetNode.node ? targetNode : sourceNode)),
      ]);
      return {
        target: atTarget?.now ?? null,
        source: atSource?.now ?? null,
        programs: counted,
        first: [atTarget?.first, atSource?.first],
      };
    };
    const queues = await watchQueues({ ...ends, ebpf: programs.map(({ node }) => node) }, facts);
    // A capture ends by itself after some seconds: none of them goes by in waiting.
    const [captures, before, queued] = await Promise.all([
      startCaptures({ ...ends, pings: sending.pingLengths }),
      snapshot(watched),
      queues.read(),
    ]);
    const asked = await sending.asked();
    if (asked.works) {
      const [seen, aside] = await Promise.all([captures.finish(), sending.aside(true)]);
      return {
        reachability: observed<Reachability>(
          { attempts: [...asked.attempts, ...aside.attempts] },
          [...asked.evidence, ...aside.evidence],
          tools.gaps(),
        ),
        // Busy clients fill a capture; where nothing is lost, nobody needs to see where.
        'path-capture': leavesCluster(flow)
          ? outward
          : seen.status === 'unavailable' && seen.code === 'output-too-large'
            ? unavailable('not-applicable', 'the asked flow works: nothing is lost on its way')
            : seen,
        sightings: observed<Sightings>(
          { points: await captures.sightings(asked.length, asked.sent) },
          seen.status === 'observed' ? seen.evidence : [],
        ),
        'drop-counters': unavailable('not-applicable', 'the asked flow works: nothing drops it'),
        'queue-counts': unavailable('not-applicable', 'the asked flow works: nothing drops it'),
      };
    }
    await look.clock.sleep(100, look.signal);
    const [after, queuedAfter] = await Promise.all([snapshot(watched), queues.read()]);
    const risen = { flow, before: before.programs, after: after.programs, sent: asked.sent };
    // What no walk says needs an idle window of its own.
    const isUnexplained =
      !denied.some(({ result }) => isRefused(result.decision)) &&
      risenReasons({ ...risen, quiet: [] }).some(({ rise }) => rise === asked.sent);
    const isTaken = queues.took(queued, queuedAfter);
    if (isUnexplained || isTaken) await look.clock.sleep(idleMs, look.signal);
    const [quiet, queuedLater] = await Promise.all([
      isUnexplained ? snapshot({ ...unwatched, programs }).then((one) => one.programs) : [],
      isTaken ? queues.read() : null,
    ]);
    const sourceDenied = denied.some(({ leg, result }) => leg === 'source-egress' && isRefused(result.decision));
    // The rest is only sent where the first packets were lost: large ones, and from a pod of the same node.
    const more = await sending.afterLoss(sourceDenied);
    const seen = await captures.finish();
    const first = await captures.sightings(asked.length, asked.sent);
    const counted = (async (): Promise<Fact<DropCounters>> => {
      const last = more.sameNodeSent > 0 && watched.target ? await snapshot({ ...unwatched, target: true }) : null;
      if (walks.status === 'unavailable') return unavailable('needed-fact-missing', walks.reason);
      const [firstAtTarget, firstAtSource] = before.first;
      const idle = { target: firstAtTarget ?? target.rulesets, source: firstAtSource ?? source.rulesets, programs };
      const { sameNodeSent } = more;
      const bursts = burstProofs({ flow, walks: walks.value, idle, before, after, last, asked, sameNodeSent, seen });
      return observed(programs.length === 0 ? { bursts } : { bursts, reasons: risenReasons({ ...risen, quiet }) });
    })();
    const proved = counted.then(
      (drops) => drops.status === 'observed' && drops.value.bursts.some(({ proof }) => proof.proof === 'counter'),
    );
    const [drops, aside, followed] = await Promise.all([
      counted,
      // Other ports are tried while one more packet is followed: no capture takes theirs for the asked ones.
      counted.then(() => sending.aside(false)),
      followWay({ flow, targetNode, sourceNode, target, source, sending }, first, proved),
    ]);
    return {
      reachability: observed<Reachability>(
        { attempts: [...asked.attempts, ...more.attempts, ...aside.attempts] },
        [...asked.evidence, ...more.evidence, ...aside.evidence],
        tools.gaps(),
      ),
      'path-capture': leavesCluster(flow) ? outward : seen,
      sightings: observed<Sightings>({ points: [...first, ...followed.sightings] }, followed.evidence),
      'drop-counters': drops,
      'queue-counts': queues.counts(queued, queuedAfter, queuedLater, asked.sent),
    };
  },
});

/** What was counted before the idle window; nothing where no node runs the eBPF dataplane. */
async function programsIn({ ask }: Pick<ObservedFacts<never>, 'ask'>): Promise<readonly PodPrograms[]> {
  const read = await ask('programs');
  return read.status === 'observed' ? read.value : [];
}
