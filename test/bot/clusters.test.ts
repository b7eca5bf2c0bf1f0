/** Several clusters from one bot: a command goes to the one that is meant, and is never guessed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { workerKeyOf } from '../../src/model/worker-health.ts';
import { samplePlan } from '../support/sample-plan.ts';
import { proposed } from '../support/signing.ts';
import { until } from '../../tools/lab/run.ts';
import { linesOf } from '../../tools/slack-workspace/client.ts';
import { planRecord, sampleRun } from './sample-run.ts';
import { emptyRedis, jobsOf, postButtons, store, up, whispers, workspace } from './served-bot.ts';

const folder = mkdtempSync(join(tmpdir(), 'cc-clusters-'));
const file = join(folder, 'calico-chatops.yaml');
afterAll(() => rmSync(folder, { recursive: true }));

const say = (text: string, channel: string) => workspace.command({ user: 'carol', channel, text: `/calico ${text}` });

beforeEach(async () => {
  await emptyRedis();
  const clusters = { east: { CHANNELS: 'C0ONCALL', APPROVERS: 'U0ALICE' }, west: { APPROVERS: 'U0BOB' } };
  writeFileSync(file, JSON.stringify({ CLUSTERS: clusters }));
  await up('socket', { file });
});

/** Clusters of the diagnoses and questions that were asked for, in any order. */
const clustersOf = (jobs: readonly { readonly data: unknown }[]) =>
  jobs.map(({ data }) => {
    const { target, about } = data as { target?: { cluster: string }; about?: { cluster: string } };
    return (target ?? about)?.cluster ?? 'none';
  });

test('the channel says which, and a name says it better', async () => {
  const { taken } = jobsOf(['east', 'west']);
  await say('diagnose default/mypod', 'oncall');
  await say('diagnose default/mypod in west', 'oncall');
  await say('node node-a in west', 'oncall');
  await until('the jobs', 10, async () => (taken.length === 3 ? true : null));
  expect(clustersOf(taken).toSorted((a, b) => a.localeCompare(b))).toEqual(['east', 'west', 'west']);
  expect(whispers('carol')[0]).toContain('default/mypod in east');
});

test('elsewhere the bot asks which, with the command to type', async () => {
  const { taken } = jobsOf(['east', 'west']);
  await say('diagnose default/mypod', 'general');
  await say('diagnose default/mypod in wets', 'oncall');
  const said = [...workspace.messages({ channel: 'general', user: 'carol' })]
    .map(({ text }) => String(text))
    .join('\n');
  expect(said).toContain('There are several clusters: east, west. Name one: /calico diagnose default/mypod in east');
  expect(whispers('carol').at(-1)).toContain('"wets" is not a cluster of this bot: did you mean "west"?');
  expect(taken).toEqual([]);
});

test('the approvers of its cluster decide about a fix', async () => {
  const id = 'create-pod-profile';
  const { digest: _ofAnother, ...drafted } = planRecord(id).plan;
  const record = proposed(samplePlan({ ...drafted, cluster: 'west' }));
  const { plan } = record;
  const ts = await postButtons(id, record);
  const click = (user: string) =>
    workspace.click({ user, channel: 'oncall', ts, action_id: 'reject_fix', value: plan.id });
  const refused = 'You cannot decide about this fix';
  await click('alice');
  await until('the refusal', 10, async () => whispers('alice').some((text) => text.includes(refused)) || null);
  await click('bob');
  await until('the decision', 10, async () => ((await store.plan(plan.id))?.state === 'proposed' ? null : true));
  expect(whispers('bob').filter((text) => text.includes(refused))).toEqual([]);
});

async function home(user: string): Promise<string> {
  workspace.openHome(user);
  await workspace.until(() => workspace.home(user) !== null);
  return linesOf({ ts: '', blocks: workspace.home(user)?.blocks }).join('\n');
}

test('the Home tab has the fixes of the clusters that a person approves, and says which cluster has no worker', async () => {
  await store.savePlan(
    proposed(samplePlan({ run: sampleRun, cluster: 'west', expiresAt: '2099-01-01T00:00:00.000Z' })),
  );
  const health = { at: new Date().toISOString(), blind: [{ text: 'east: nodes: no key', next: 'Make one' }] };
  await store.remember(workerKeyOf('east'), JSON.stringify(health), 60);
  const [east, west, nobody] = [await home('alice'), await home('bob'), await home('carol')];
  expect(west).toMatch(/Fixes that wait for you\n:wrench: .* in west/);
  expect(east).toMatch(/Fixes that wait for you\nNone\./);
  expect(nobody).not.toContain('Fixes that wait');
  expect(nobody).toContain('west: no worker says that it works');
  expect(nobody).toContain('east: nodes: no key. Make one.');
});
