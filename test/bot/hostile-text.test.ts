/** Nothing that a cluster, an alert, a node or a user wrote formats itself in a message, whichever field carries it. */
import type { Explained } from '../../src/model/explained.ts';
import type { PlanSurface } from '../../src/plans/surface.ts';
import type { RunSurface } from '../../src/runs/surface.ts';
import { describe, expect, test } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as fc from 'fast-check';
import { handleClick } from '../../src/bot/clicks.ts';
import { answerCommand } from '../../src/bot/commands.ts';
import { textOnly } from '../../src/bot/render/blocks.ts';
import { evidenceFile, evidenceView } from '../../src/bot/render/evidence-view.ts';
import { planView } from '../../src/bot/render/plan-view.ts';
import { reportText } from '../../src/bot/render/report.ts';
import { runState } from '../../src/bot/render/run-state.ts';
import { whyMessage } from '../../src/bot/render/why-message.ts';
import { runMessages } from '../../src/bot/render/run-messages.ts';
import { planStates } from '../../src/model/fix.ts';
import type { RunEventBody, RunStore } from '../../src/model/runs.ts';
import type { MessageContent } from '../../src/model/thread.ts';
import { testSeals } from '../support/signing.ts';
import { textOfNode } from '../../tools/slack-workspace/seen.ts';
import {
  at,
  events,
  ipipLost,
  planRecord,
  sampleRun,
  sampleVerdict,
  settled,
  started,
  wholeRun,
  sampleAlert,
  sampleVictim,
} from './sample-run.ts';
import { check, checkView, draw, ours } from './drawn-safely.ts';
import { hostileText } from './hostile-words.ts';

/** The same data with every string of others replaced; keys that records are told apart by stay different. */
function replaced<T>(value: T, by: string, key = ''): T {
  if (typeof value === 'string') return (ours.has(key) && value.length < 40 ? value : by) as T;
  if (Array.isArray(value))
    return value.map((one, index) => replaced(one, by, `${key}${ours.has(key) ? '' : index}`)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      replaced(inner, by, typeof inner === 'object' && inner !== null ? '' : name),
    ]),
  ) as T;
}

const firing: RunEventBody = { type: 'alert', alert: sampleAlert, status: 'firing' };
const healthy = sampleVerdict({ verdict: 'healthy', roots: [], consequences: [], notes: ['a note'] });
/** Every kind of event, so that every kind of message is told. */
const tales: Readonly<Record<string, readonly RunEventBody[]>> = {
  running: [
    started,
    firing,
    { type: 'finding', finding: ipipLost },
    { type: 'step-settled', step: settled('routes', 'fail', 'wrong') },
  ],
  failed: [started, firing, { type: 'failed', code: 'internal', message: 'it broke', next: 'Ask again.' }],
  cancelled: [started, { type: 'cancelled', by: 'somebody' }],
  healthy: [started, { type: 'verdict', verdict: healthy }],
  inconclusive: [
    started,
    {
      type: 'verdict',
      verdict: sampleVerdict({ verdict: 'inconclusive', roots: [], consequences: [], notes: ['a note'] }),
    },
  ],
  latent: [
    started,
    { type: 'verdict', verdict: sampleVerdict({ roots: [], consequences: [], latent: [ipipLost], notes: ['a note'] }) },
  ],
  withdrawn: [started, { type: 'finding', finding: ipipLost }, { type: 'verdict', verdict: healthy }],
  wanted: [
    ...wholeRun,
    { type: 'approval-wanted', plan: 'p-create-pod-profile', by: 'somebody', approvers: ['one', 'two'] },
  ],
  unread: [...wholeRun, { type: 'plan-unread', plan: 'p-create-pod-profile', action: 'apply' }],
  whole: [
    firing,
    ...wholeRun,
    { type: 'victim', victim: sampleVictim },
    { type: 'victim', victim: { ...sampleVictim, run: 'r-3', state: 'waiting' } },
    { type: 'follow-up', minutes: 1, verdict: sampleVerdict(), changed: 'worse' },
    { type: 'follow-up', minutes: 5, verdict: healthy, changed: 'better' },
    { type: 'alert', alert: sampleAlert, status: 'resolved' },
  ],
  ...Object.fromEntries(
    planStates.map((state): [string, readonly RunEventBody[]] => [
      `plan ${state}`,
      [
        ...wholeRun,
        {
          type: 'plan',
          record: planRecord('create-pod-profile', state, { approver: 'somebody', reason: 'a reason' }),
          note: state === 'refused' ? null : 'a note',
        },
      ],
    ]),
  ),
};

const away = () => Promise.reject(new Error('away'));

describe('hostile text in every field', () => {
  test.each(Object.keys(tales))('of a run that is told as %s stays text', (tale) => {
    fc.assert(
      fc.property(hostileText, (hostile) => {
        const told = events(tales[tale] ?? []).map((event) => replaced(event, hostile));
        const messages = runMessages(sampleRun, told, { verdict: replaced(healthy, hostile), at });
        expect(messages.length).toBeGreaterThan(0);
        for (const { content } of messages) {
          check(content);
          check(textOnly(content), false);
        }
        const state = runState(sampleRun, told);
        if (!state) throw new Error('the run has not started');
        checkView(evidenceView(state, ''));
        for (const plan of state.plans) checkView(planView(plan, ''));
        check(whyMessage(state));
        for (const text of [...state.findings.map(evidenceFile), reportText(sampleRun, told) ?? ''])
          expect(text).not.toMatch(/(?![\t\n])[\p{Cc}\u2028\u202E]|^(?:> |• )?EVILLINE/mu);
      }),
      { numRuns: 12 },
    );
  });

  test('of an answer to a command stays text', async () => {
    const store = { once: () => Promise.reject(new Error('away')) } as unknown as RunStore;
    const asking = {
      runs: { lastOf: () => Promise.resolve(null), events: () => Promise.resolve([]), recent: away } as never,
      plans: { list: away, off: away } as never,
      approvers: [],
      groups: { members: () => Promise.resolve([]), ids: () => Promise.resolve([]) },
      screens: { open: away, publish: away },
      send: away,
      draw: away,
      queues: { counts: away },
      version: '1.2.3',
      explain: () => Promise.resolve({ known: false, near: ['a-rule'] }) as Promise<Explained>,
      clock: { now: () => new Date(at) },
      seals: testSeals,
      whisper: { whisper: away },
    };
    await fc.assert(
      fc.asyncProperty(hostileText, async (hostile) => {
        for (const text of [
          hostile,
          `diagnose ${hostile}`,
          `diagnose default/mypod ${hostile}`,
          `diagnose default/mypod from ${hostile}`,
          'diagnose default/mypod',
          `cancel ${hostile}`,
          `policy ${hostile}`,
          `node ${hostile}`,
          `explain ${hostile}`,
          `report ${hostile}`,
          `fixes ${hostile}`,
          'status',
          'help',
        ]) {
          const content = await answerCommand(
            {
              ...asking,
              store,
              clusters: [{ name: 'default', channels: [], alertChannel: null }],
              diagnosesPerMinute: 10,
              links: async () => null,
              warn: () => undefined,
            },
            { command: '/calico', text, user: 'U0ALICE', channel: 'C0ONCALL', trigger: 't' },
          );
          if (content) check(content, 'typed');
        }
      }),
      { numRuns: 12 },
    );
  });

  test('of an answer to a click stays text', async () => {
    await fc.assert(
      fc.asyncProperty(hostileText, async (hostile) => {
        const said: MessageContent[] = [];
        const record = { ...planRecord('create-pod-profile', 'rejected'), approver: hostile, reason: hostile };
        const decided = () => Promise.resolve({ decided: 'taken' as const, record });
        const groups = { members: () => Promise.resolve([]), ids: () => Promise.resolve([]) };
        const deps = {
          store: {
            once: () => Promise.resolve(true),
            takeToken: () => Promise.resolve(0),
            recall: () => Promise.resolve(null),
          } as unknown as RunStore,
          runs: {
            events: () =>
              Promise.resolve([{ type: 'started', origin: { channel: 'C0ONCALL', thread: '1', joins: null } }]),
          } as unknown as RunSurface,
          plans: {
            show: () => Promise.resolve(record),
            approve: decided,
            reject: decided,
            rollBack: decided,
          } as unknown as PlanSurface,
          screens: { open: () => Promise.resolve(), publish: () => Promise.resolve() },
          send: () => Promise.resolve(),
          draw: () => Promise.resolve(null),
          seals: testSeals,
          diagnosesPerMinute: 10,
          groups,
          warn: () => undefined,
          whisper: { whisper: async (_: unknown, content: MessageContent) => void said.push(content) },
        };
        const click = {
          action: 'approve_fix',
          value: 'p',
          user: 'U0BOB',
          channel: 'C0ONCALL',
          thread: '1',
          message: '2',
          at: '1',
          trigger: 't',
        };
        await handleClick({ ...deps, clusters: [], approvers: ['U0BOB'] }, click);
        expect(said).toHaveLength(1);
        said.forEach((content) => check(content));
      }),
      { numRuns: 12 },
    );
  });
});

test('what others wrote can be copied as it is', () => {
  const title = 'pod *a_b* <x> at https://example.org/a_b~c #1 @me :ghost: `x`';
  const [parent] = runMessages(
    sampleRun,
    events([started, { type: 'verdict', verdict: sampleVerdict({ roots: [{ ...ipipLost, title }] }) }]),
  );
  expect(parent && textOfNode(draw(parent.content))).toContain(title);
});

test('one file makes text objects', () => {
  const folder = resolve(import.meta.dirname, '../../src');
  const files = globSync('**/*.ts', { cwd: folder });
  expect(files.length).toBeGreaterThan(100);
  expect(
    files.filter((file) =>
      /['"](?:mrkdwn|plain_text|rich_text_section)['"]/.test(readFileSync(`${folder}/${file}`, 'utf8')),
    ),
  ).toEqual(['bot/render/blocks.ts']);
});
