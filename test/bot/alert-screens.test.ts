/** What an alert's thread shows a person who was just woken, whichever state it is in. */
import { expect, test } from '@jest/globals';
import { evidenceView } from '../../src/bot/render/evidence-view.ts';
import { runMessages } from '../../src/bot/render/run-messages.ts';
import { runState } from '../../src/bot/render/run-state.ts';
import { linesOf } from '../../tools/slack-workspace/client.ts';
import { alertScenes } from '../golden/alert-scenes.ts';
import { events, sampleRun } from './sample-run.ts';

function told(scene: string): { readonly notification: string; readonly parent: string; readonly all: string } {
  const messages = runMessages(sampleRun, events(alertScenes[scene] ?? [])).map(({ content }) => content);
  const [parent = '', ...others] = messages.map((content) => linesOf({ ts: '', ...content }).join('\n'));
  return { notification: messages[0]?.text ?? '', parent, all: [parent, ...others].join('\n') };
}
const wordsIn = (text: string) => text.split(/\s+/).filter((word) => word !== '').length;

test.each(Object.keys(alertScenes))('%s: the notification and the parent are short', (scene) => {
  const { notification, parent } = told(scene);
  expect(notification.length).toBeLessThanOrEqual(150);
  expect(notification).toContain('default/mypod');
  expect(wordsIn(parent)).toBeLessThanOrEqual(120);
});

test.each(Object.keys(alertScenes).filter((scene) => !scene.startsWith('alert-resolved')))(
  '%s: an alert that fires can be silenced where it stands',
  (scene) => {
    expect(told(scene).parent).toMatch(/^\[.*Snooze 1 h\] \[(?:Mute|Unmute)\]$/m);
  },
);

test('a storm says right below the verdict how many it hits, and what waits for them stays', () => {
  const { parent, all } = told('storm');
  expect(parent).toMatch(/^:busts_in_silhouette: 45 of 50 more targets fire: 34 with this cause/m);
  expect(parent).toContain('[Review fix]');
  expect(parent).toContain('[Acknowledge]');
  expect(all.match(/shop\/api-7d9c5b8f4-x\d+/g)).toHaveLength(50);
});

test('a check that finds more says so first, and what to do stays', () => {
  const { parent, all } = told('alert-worse');
  expect(parent).toMatch(/^:eyes: Checked again at [\d:]+ UTC: 1 new cause\.\n:red_circle: .* 3 causes:\n/);
  expect(parent).toMatch(
    /:new: New:\n1\. NetworkPolicy default\/deny-web .*\nFound before:\n2\. IPIP .*\n3\. The Calico/,
  );
  expect(parent).toMatch(/To do first: Ask the owner of namespace default \(cause 1\): kubectl -n default edit/);
  expect(parent).toContain('[Review fix]');
  expect(all).toMatch(/^:eyes: default\/mypod: New: NetworkPolicy.*\. The 2 other causes remain\.$/m);
});

test('a check that finds another cause shows that one, and what to do about it alone', () => {
  const { parent } = told('alert-other-cause');
  expect(parent).toMatch(/^:eyes: Checked again at [\d:]+ UTC: 1 new cause\. No longer found: IPIP .*; and 2 more\.$/m);
  expect(parent).toMatch(/\n:red_circle: .* Cause: NetworkPolicy default\/deny-web/);
  expect(parent).not.toMatch(/openstack|Review fix/);
});

test('a later check that cannot tell takes back no cause, and the first check is named as such', () => {
  const { parent } = told('alert-unclear-later');
  expect(parent).toMatch(
    /Now: inconclusive\. Not confirmed: IPIP .*\nThe first check found:\n:red_circle: .* 2 causes:/,
  );
  expect(parent).toContain('[Review fix]');
});

test('the evidence begins with what a later check found beside', () => {
  const state = runState(sampleRun, events(alertScenes['alert-worse'] ?? []));
  const shown = state === null ? '' : JSON.stringify(evidenceView(state, ''));
  expect(shown.indexOf('New at')).toBeGreaterThan(0);
  expect(shown.indexOf('deny-web blocks')).toBeGreaterThan(shown.indexOf('New at'));
  expect(shown.indexOf('Found before')).toBeGreaterThan(shown.indexOf('deny-web blocks'));
});

test('a pod that recovered is green first, and nobody is asked to approve', () => {
  const { notification, parent } = told('alert-resolved');
  expect(notification).toMatch(/^default\/mypod is reachable/);
  expect(parent).toMatch(/^:large_green_circle: default\/mypod is reachable .*\n.*The alert resolved/);
  expect(parent).not.toMatch(/Review fix|Acknowledge|:red_circle:/);
});

test('an alert that resolved while the pod is still unreachable stays red, with what to do', () => {
  const { parent } = told('alert-resolved-broken');
  expect(parent).toMatch(/:red_circle: default\/mypod is unreachable/);
  expect(parent).toContain('[Review fix]');
  expect(parent).toContain(':large_orange_circle: The alert resolved');
  expect(parent).not.toContain(':white_check_mark:');
});

test('with several clusters, notification and parent name the one', () => {
  const { notification, parent } = told('alert-cluster');
  expect([notification, parent]).toEqual([expect.stringContaining('prod-eu-1'), expect.stringContaining('prod-eu-1')]);
});
