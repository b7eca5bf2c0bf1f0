import { beforeEach, describe, expect, test } from '@jest/globals';
import { attentionOf, isSilent, parseQuietHours, type AttentionSettings } from '../../src/model/attention.ts';
import type { ScheduledJob } from '../../src/model/jobs.ts';
import type { RunEventBody } from '../../src/model/runs.ts';
import { attend } from '../../src/runs/attend.ts';
import { followUp, lastLook, type FollowUpDeps } from '../../src/runs/follow-up.ts';
import { tell } from '../../src/runs/tell.ts';
import { events } from '../bot/sample-run.ts';
import { house, houseDeps, target, type House } from '../support/house.ts';
import { sampleVerdict } from '../bot/sample-run.ts';
import { followUps, store } from './alert-store.ts';

const alert = {
  fingerprint: 'f',
  name: 'PodUnreachable',
  summary: '',
  startsAt: '2026-01-01T00:00:00Z',
  severity: 'warning',
  runbook: null,
  graph: null,
};
const firing: RunEventBody = { type: 'alert', alert, status: 'firing' };
const origin = { kind: 'alert', channel: 'C1', thread: null, joins: null } as const;

const called = async () => (await store.events('r-1')).filter(({ type }) => type === 'called');

describe('what is posted about an alert that lasts', () => {
  const since = '2026-01-01T00:00:00.000Z';
  let world: House;
  let deps: FollowUpDeps;
  const begin = async (attention: Partial<AttentionSettings> = {}, told = firing) => {
    deps = {
      ...houseDeps(world, store),
      queues: null,
      plans: { offer: async () => undefined, retire: async () => undefined },
      followUpMinutes: [1, 5],
      attention: { people: ['S0ONCALL'], afterMinutes: 30, quiet: null, ...attention },
    };
    await tell(deps, 'r-1', { type: 'started', target, requester: 'alert', origin });
    await tell(deps, 'r-1', told);
    await tell(deps, 'r-1', { type: 'verdict', verdict: sampleVerdict() });
  };
  const lookAt = async (minute: number, late = false) => {
    world.now = minute * 60_000;
    await followUp(deps, { run: 'r-1', since, late });
  };
  beforeEach(() => {
    world = house();
  });

  test('those on call are mentioned once, when it lasted so long', async () => {
    await begin();
    for (const minute of [1, 5, 29]) await lookAt(minute);
    expect(await called()).toEqual([]);
    for (const minute of [30, 31, 60]) await lookAt(minute);
    expect(await called()).toMatchObject([{ people: ['S0ONCALL'], minutes: 30 }]);
  });

  test.each([
    ['somebody acknowledged it', async () => attend(deps, 'r-1', { what: 'acknowledged', by: 'U1' })],
    ['it is muted', async () => attend(deps, 'r-1', { what: 'muted', by: 'U1' })],
    ['it is snoozed', async () => attend(deps, 'r-1', { what: 'snoozed', by: 'U1', minutes: 60 })],
    ['it recovered', async () => void world.ways.set('flow', (world.painted = true))],
    ['it resolved', async () => tell(deps, 'r-1', { ...firing, status: 'resolved' })],
  ])('nobody is mentioned when %s', async (_what, act) => {
    await begin();
    await lookAt(1);
    await act();
    await lookAt(30);
    expect(await called()).toEqual([]);
  });

  test('they are mentioned for the others of a storm, whose first pod recovered and resolved', async () => {
    const page = { ...firing, alert: { ...alert, severity: 'page' } } as Extract<RunEventBody, { type: 'alert' }>;
    await begin({ quiet: parseQuietHours('23:00-07:00') }, page);
    const victim = { run: 'r-2', target: 'shop/api-2', alert: 'A', cause: null, state: 'fault' } as const;
    await tell(deps, 'r-1', { type: 'victim', victim });
    world.ways.set('flow', (world.painted = true));
    await lookAt(1);
    await tell(deps, 'r-1', { ...page, status: 'resolved' });
    await lookAt(30);
    expect(await called()).toHaveLength(1);
    await tell(deps, 'r-1', { type: 'victim', victim: { ...victim, state: 'resolved' } });
    const before = (await followUps('r-1')).length;
    await lookAt(45);
    expect(await followUps('r-1')).toHaveLength(before);
  });

  test('nothing is posted while it is snoozed; the first look after it says what changed', async () => {
    await begin();
    await attend(deps, 'r-1', { what: 'snoozed', by: 'U1', minutes: 3 });
    await lookAt(1);
    expect(await followUps('r-1')).toEqual([]);
    world.ways.set('flow', (world.painted = true));
    await lookAt(5);
    expect(await followUps('r-1')).toMatchObject([{ minutes: 5, verdict: { verdict: 'healthy' } }]);
  });

  test.each<[string, Partial<AttentionSettings>, () => Promise<unknown>, string]>([
    [
      'a snooze',
      {},
      () => attend(deps, 'r-1', { what: 'snoozed', by: 'U1', minutes: 120 }),
      '2026-01-01T02:00:01.000Z',
    ],
    ['the night', { quiet: parseQuietHours('23:00-07:00') }, async () => undefined, '2026-01-01T07:00:01.000Z'],
  ])('%s that outlasts the schedule is followed by a look', async (_, attention, silence, at) => {
    await begin(attention);
    const scheduled: ScheduledJob[] = [];
    const ended: string[] = [];
    await silence();
    const schedule = async (job: ScheduledJob) => void scheduled.push(job);
    const unschedule = async (_queue: string, id: string) => void ended.push(id);
    deps = { ...deps, queues: { schedule, unschedule, add: async () => undefined } as never };
    await lookAt(5);
    expect({ scheduled, ended }).toEqual({ scheduled: [], ended: [] });
    await lookAt(30);
    expect(scheduled).toMatchObject([{ firstAt: new Date(at), times: 1, data: { run: 'r-1', since, late: true } }]);
    expect(ended).toEqual(['follow-up.r-1']);
    await lookAt((Date.parse(at) - Date.parse(since)) / 60_000, true);
    expect(await followUps('r-1')).toHaveLength(1);
    // A schedule that began anew meanwhile goes on.
    expect(ended).toHaveLength(1);
  });

  test('nothing is scheduled behind a mute: a person ends it', async () => {
    await begin();
    await attend(deps, 'r-1', { what: 'muted', by: 'U1' });
    const ended: string[] = [];
    const unschedule = async (_: string, id: string) => void ended.push(id);
    deps = { ...deps, queues: { schedule: () => Promise.reject(new Error('scheduled')), unschedule } as never };
    await lookAt(30);
    expect(await followUps('r-1')).toEqual([]);
    expect(ended).toEqual(['follow-up.r-1']);
  });

  test('at night only what wakes people is posted', async () => {
    const quiet = parseQuietHours('23:00-07:00');
    await begin({ quiet });
    await lookAt(30);
    expect([await followUps('r-1'), await called()]).toEqual([[], []]);
    await tell(deps, 'r-1', { ...firing, alert: { ...alert, fingerprint: 'g', severity: 'Critical' } });
    await lookAt(30);
    expect(await called()).toHaveLength(1);
  });

  test('a resolved alert is checked once, and so is one that resolved before its verdict', async () => {
    await begin();
    await lastLook(deps, 'r-1');
    expect(await followUps('r-1')).toEqual([]);
    world.now = 60_000;
    await tell(deps, 'r-1', { ...firing, status: 'resolved' });
    for (let i = 0; i < 2; i += 1) await lastLook(deps, 'r-1');
    expect(await followUps('r-1')).toMatchObject([{ changed: null, minutes: 1 }]);
  });

  test('words in the thread of a re-check reach the alert that it joined', async () => {
    await begin();
    const recheck = { kind: 'recheck', channel: 'C1', thread: null, joins: 'r-1' } as const;
    await tell(deps, 'r-2', { type: 'started', target, requester: 'U1', origin: recheck });
    expect(await attend(deps, 'r-2', { what: 'muted', by: 'U1' })).toBe(true);
    expect(attentionOf(await store.events('r-1')).mutedBy).toBe('U1');
    await attend(deps, 'r-2', { what: 'unmuted', by: 'U1' });
    expect(attentionOf(await store.events('r-1')).mutedBy).toBeNull();
    expect(await attend(deps, 'r-3', { what: 'muted', by: 'U1' })).toBe(false);
  });
});

describe('quiet hours', () => {
  test.each([
    ['22:00-07:00', '2026-01-01T21:59:00Z', false],
    ['22:00-07:00', '2026-01-01T22:00:00Z', true],
    ['22:00-07:00', '2026-01-01T06:59:00Z', true],
    ['22:00-07:00', '2026-01-01T07:00:00Z', false],
    ['12:00-13:00', '2026-01-01T12:30:00Z', true],
    ['12:00-13:00', '2026-01-01T13:00:00Z', false],
    ['22:00-07:00 America/New_York', '2026-01-01T06:59:00Z', true],
    ['22:00-07:00 America/New_York', '2026-01-01T12:30:00Z', false],
  ])('%s: %s is quiet: %s', (hours, at, quiet) => {
    expect(isSilent(events([firing]), parseQuietHours(hours), new Date(at))).toBe(quiet);
  });

  test('they do not hold back what a person asked for', () => {
    const night = new Date('2026-01-01T23:00:00Z');
    expect(isSilent(events([]), parseQuietHours('22:00-07:00'), night)).toBe(false);
  });

  test.each(['', '22-07', '24:00-07:00', '22:00-22:00', '22:00-07:00 Nowhere/Town', '22:00-07:00 a b', '1:00-2:00'])(
    '%j is not valid',
    (text) => expect(parseQuietHours(text)).toBeNull(),
  );
});
