/**
 * A world of one door for the jobs' tests: a probe that looks at it, a rule that judges it and a fix that paints it.
 * The door is a Kubernetes namespace's label, so that the engine's own facts carry it.
 */
import { z } from 'zod';
import { computed } from '../../src/computed/registry.ts';
import { defineCommand } from '../../src/model/command.ts';
import type { AuditLog } from '../../src/model/audit.ts';
import type { ControlFlow, Watch } from '../../src/model/control-flow.ts';
import type { ReachAttempt } from '../../src/model/reachability.ts';
import {
  defineFix,
  type Condition,
  type Fix,
  type FixContext,
  type FixDraft,
  type Written,
} from '../../src/model/fix.ts';
import type { Clock, ObjectReference } from '../../src/model/ports.ts';
import { defineRule, fail, pass, type Rule } from '../../src/model/rule.ts';
import type { RunStore } from '../../src/model/runs.ts';
import type { Target } from '../../src/model/target.ts';
import type { FixDeps } from '../../src/plans/apply-fix.ts';
import type { DecideDeps } from '../../src/plans/decide-plan.ts';
import { teller } from '../../src/runs/tell.ts';
import type { ClusterAccess } from '../../src/model/cluster-access.ts';
import { noWrites } from '../fixes/known-objects.ts';
import { openDoors, samplePlan } from './sample-plan.ts';
import { memoryLedger, noAudit, testSeals } from './signing.ts';
import { probesOf } from './house-probes.ts';

export const target: Target = { cluster: 'default', namespace: 'default', pod: 'mypod', from: null, port: null };

export interface House {
  painted: boolean;
  /** The brush does nothing. */
  dry: boolean;
  /** The door cannot be seen. */
  fog: boolean;
  /** Why no plan is made. */
  noPlan: string | null;
  color: string;
  /** What the fix does; null: paints. */
  instead: Written | null;
  /** Ways and whether they are open now. */
  readonly ways: Map<ReachAttempt['what'], boolean>;
  /** What a flow that a policy denies gets now; null: there is none. */
  denied: ControlFlow['answer'] | null;
  /** What the probes were told to watch, look by look. */
  readonly watches: (Watch | null)[];
  /** Paints the door after so many looks. */
  paintsItselfAfter: number | null;
  looks: number;
  /** Where Calico runs, as the probes were told. */
  readonly namespaces: Set<string>;
  /** What no other street has; null: nobody says it. */
  identity: string | null;
  applied: number;
  rolledBack: number;
  closed: number;
  /** Called in the middle of applying. */
  whileApplying: () => Promise<void>;
  /** Called while the fix looks. */
  whileLooking: (context: FixContext) => Promise<void>;
  /** What must be as it was when the plan was made. */
  conditions: readonly Condition[];
  /** The fix sees that the door is painted. */
  knowsPaint: boolean;
  /** The door is not there to be judged. */
  gone: boolean;
  /** How often the locked way cannot be read. */
  blindLooks: number;
  /** Milliseconds since the start, moved by sleeping. */
  now: number;
}

export function house(): House {
  return {
    painted: false,
    dry: false,
    fog: false,
    noPlan: null,
    color: 'red',
    instead: null,
    ways: new Map([
      ['flow', false],
      ['own-node', true],
    ]),
    denied: 'none',
    watches: [],
    paintsItselfAfter: null,
    looks: 0,
    namespaces: new Set(),
    identity: 'street-1',
    applied: 0,
    rolledBack: 0,
    closed: 0,
    whileApplying: async () => undefined,
    whileLooking: async () => undefined,
    conditions: [],
    knowsPaint: false,
    gone: false,
    blindLooks: 0,
    now: 0,
  };
}

const nothing = () => Promise.reject(new Error('nobody looks there'));

export type HouseDeps = FixDeps & DecideDeps;

export function houseDeps(world: House, store: RunStore, audit: AuditLog = noAudit()): HouseDeps {
  const clock: Clock = {
    now: () => new Date(Date.parse('2026-01-01T00:00:00Z') + world.now),
    async sleep(milliseconds, signal) {
      signal?.throwIfAborted();
      world.now += milliseconds;
    },
  };
  const access: ClusterAccess = {
    cluster: {
      read: async ({ kind, name }: ObjectReference) =>
        kind === 'Namespace' && name === 'kube-system' && world.identity !== null
          ? { ok: true, value: { metadata: { name, uid: world.identity } } as never, request: 'GET', at: '' }
          : { ok: false, status: null, reason: 'there is no API server', request: 'GET', at: '' },
      list: nothing,
      podLog: nothing,
      accessReview: nothing,
    },
    writer: noWrites,
    shells: {
      shell: ({ name }) => ({
        node: name,
        start: ({ command: { argv } }) => ({
          ready: Promise.resolve(),
          stop: () => undefined,
          result: Promise.resolve({
            node: name,
            command: argv.join(' '),
            at: '2026-01-01T00:00:00.000Z',
            durationMs: 1,
            exit: 0,
            stdout: 'red',
            stderr: '',
            timedOut: false,
            truncated: false,
            file: null,
          }),
        }),
      }),
      usage: () => ({}),
      close: async () => undefined,
    },
    clock,
    calicoNamespaces: ['street'],
    async close() {
      world.closed += 1;
    },
  };
  const telling = {
    store,
    clock,
    queues: null,
    warn: (what: string, error: unknown) => {
      throw new Error(what, { cause: error });
    },
  };
  return {
    ...telling,
    tell: teller(telling),
    audit,
    seals: testSeals,
    ledger: memoryLedger(),
    approveOwn: true,
    twoFrom: () => null,
    fixesPerHour: 1000,
    permission: async () => ({ allowed: true }),
    fixes: [paintDoor(world)],
    probes: probesOf(world),
    computed: lesser,
    rules: [doorUnpainted],
    open: async () => access,
  };
}

/** A house has no nodes and no packets: none of the product's facts of them is essential to it. */
const lesser = computed.map((one) => ({ ...one, essential: false }));

declare module '../../src/model/fix-inputs.ts' {
  interface FixInputs {
    'paint-door': { readonly node: string; readonly nodeAddress: string; readonly namespace: string };
  }
}

const doorInput = z.strictObject({
  node: z.string(),
  nodeAddress: z.string(),
  namespace: z.string().default('default'),
});

const paint = defineCommand({
  id: 'paint-door',
  argv: ['paint', 'door'],
  timeoutSeconds: 1,
  maxBytes: 1,
  writes: true,
});

function paintDoor(world: House): Fix {
  return defineFix<'paint-door', string>({
    id: 'paint-door',
    description: '',
    risk: 'low',
    during: { seconds: 1, traffic: 'nobody waits at the door' },
    permissions: [],
    commands: [paint],
    controls: openDoors,
    input: doorInput,

    async look(context) {
      await world.whileLooking(context);
      if (world.noPlan) return { ready: 'no', why: world.noPlan, advice: ['paint it by hand'] };
      if (world.painted && world.knowsPaint) return { ready: 'done', why: 'the door is painted already' };
      return { ready: 'yes', conditions: world.conditions, found: world.color };
    },
    draft({ node, nodeAddress }, color): FixDraft {
      const { title, reason, steps, blastRadius, risk, rollback } = samplePlan();
      return {
        title,
        reason,
        steps,
        diff: `+${color}`,
        blastRadius,
        risk,
        rollback,
        nodes: [{ name: node, address: nodeAddress }],
        withinSeconds: 10,
      };
    },
    async write({ shells }, { node, nodeAddress }) {
      await world.whileApplying();
      world.applied += 1;
      if (world.instead) return world.instead;
      await shells.shell({ name: node, address: nodeAddress }).start({ command: paint, moment: 'first', params: {} })
        .result;
      world.painted = !world.dry;
      return { outcome: 'applied', applied: { color: 'red' } };
    },
    async undo(_context, _input, { color }) {
      world.rolledBack += 1;
      world.painted = false;
      return { ok: color === 'red', why: 'the paint was stripped' };
    },
  });
}

const doorUnpainted: Rule = defineRule({
  id: 'door-unpainted',
  description: '',
  step: 'target',
  requires: ['namespace'],
  fix: 'paint-door',
  messages: { bare: { title: 'The door is bare', detail: '' } },
  judge: ({ namespace }) =>
    namespace.metadata.labels?.['painted'] === 'yes'
      ? pass('the door is painted')
      : fail({
          message: 'bare',
          data: {},
          subject: { kind: 'Node', name: 'door' },
          node: null,
          proof: 'read',
          evidence: [],
          stopsFlow: true,
          fixInput: { node: 'house', nodeAddress: '10.0.0.9', namespace: 'default' },
        }),
});
