/** The manifest asks Slack for what the code uses: nothing less, and nothing more. */
import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { diagnoseShortcut } from '../../src/bot/shortcuts.ts';
import { neededScopes } from '../../src/setup/slack-setup.ts';
import { methods } from '../../tools/slack-workspace/web-api/registry.ts';
import { readManifest } from '../support/slack-manifest.ts';

const src = resolve(import.meta.dirname, '../../src');
const code = globSync(['adapters/slack-*.ts', 'compose-*.ts'], { cwd: src })
  .map((file) => readFileSync(`${src}/${file}`, 'utf8'))
  .join('\n')
  .replaceAll(/\s+\./g, '.');
const manifest = readManifest();
const sorted = (list: Iterable<string>) => [...new Set(list)].toSorted();

/** Scopes that depend on the kind of channel, which the code is used in: public, private, direct. */
const byChannel: Readonly<Record<string, readonly string[]>> = {
  'conversations.history': ['channels:history', 'groups:history', 'metadata.message:read'],
  'conversations.replies': ['channels:history', 'groups:history', 'metadata.message:read'],
  'conversations.list': ['channels:read'],
  'conversations.join': ['channels:join'],
};
/** Methods that the client's helpers call. */
const helpers: Readonly<Record<string, readonly string[]>> = {
  'files.uploadV2': ['files.getUploadURLExternal', 'files.completeUploadExternal'],
};
const byEvent: Readonly<Record<string, readonly string[]>> = {
  app_home_opened: [],
  app_mention: ['app_mentions:read'],
  'message.channels': ['channels:history'],
  'message.groups': ['groups:history'],
  'message.im': ['im:history'],
};

function calledMethods(): readonly string[] {
  const called = [...code.matchAll(/\bclient\.((?:[a-z]\w*\.)+[a-z]\w*)\(|paginate\('([\w.]+)'/gi)];
  const names = called
    .map(([, direct, paged]) => direct ?? paged ?? '')
    .filter((name) => name !== 'apps.connections.open');
  return sorted(names.flatMap((name) => helpers[name] ?? [name]));
}

test('every method that the code calls is one of Slack, and the code calls some', () => {
  const names = calledMethods();
  expect(names).toEqual(expect.arrayContaining(['chat.postMessage', 'views.open', 'views.publish']));
  expect(names.filter((name) => !methods.has(name))).toEqual([]);
});

test('the scopes are those of the methods, the events and the command', () => {
  const ofMethods = calledMethods().flatMap((name) => byChannel[name] ?? methods.get(name)?.scope ?? []);
  const ofEvents = manifest.events.flatMap((event) => byEvent[event] ?? ['an event that the test does not know']);
  expect(sorted(manifest.scopes)).toEqual(sorted([...ofMethods, ...ofEvents, 'commands']));
});

test('doctor asks for the scopes of the manifest', () => {
  expect(sorted(Object.keys(neededScopes))).toEqual(sorted(manifest.scopes));
});

test('the events are those that the code listens to', () => {
  const listened = [...code.matchAll(/app\.event\('(\w+)'/g)].map(([, event]) => event ?? '');
  expect(sorted(manifest.events.map((event) => event.split('.')[0] ?? ''))).toEqual(sorted(listened));
});

test('the shortcut, the Home tab, buttons and direct messages are on', () => {
  expect(manifest.shortcuts.map(({ callback_id, type }) => [callback_id, type])).toEqual([
    [diagnoseShortcut, 'message'],
  ]);
  expect(manifest.home).toEqual({ home_tab_enabled: true, messages_tab_enabled: true });
  const listens = ['shortcut', 'view', 'options'].map((what) => code.includes(`app.${what}(`));
  expect([manifest.interactive, ...listens]).toEqual([true, true, true, true]);
  expect(manifest.commands).toEqual(['/calico']);
});
