import { act, fetchState } from './api.js';
import { composer } from './composer.js';
import { h, redraw } from './dom.js';
import { drawHome } from './home.js';
import { drawMessages } from './message-list.js';
import { drawModal } from './modal.js';
import { goTo, readPlace } from './place.js';
import { released } from './press.js';
import { drawSidebar } from './sidebar.js';
import { channelOf, channelTitle, setWorld, threadOf, topLevel, world } from './world.js';

const find = (selector) => document.querySelector(selector);
const seen = new Map();
let loading = null;
let stale = false;

function currentChannel() {
  const { channel } = readPlace();
  return channel === 'home' || channelOf(channel) ? channel : world.channels[0].id;
}

const mainComposer = composer(() => {
  const channel = channelOf(currentChannel());
  if (!channel) return { disabled: true, placeholder: '', channel: null, thread: null };
  const isMember = channel.members.includes(world.me);
  return {
    channel: channel.id,
    thread: null,
    disabled: !isMember,
    placeholder: isMember
      ? `Message ${channel.kind === 'im' ? '' : '#'}${channelTitle(channel)}`
      : 'You are not in this channel',
  };
});
const threadComposer = composer(() => ({
  channel: currentChannel(),
  thread: readPlace().thread,
  placeholder: 'Reply…',
}));

const latest = (id) => world.messages.findLast((one) => one.channel === id)?.ts ?? '0';

function draw() {
  const channel = currentChannel();
  const { thread } = readPlace();
  const isHome = channel === 'home';
  seen.set(`${world.me}/${channel}`, latest(channel));
  const unread = new Set(
    world.channels.map((one) => one.id).filter((id) => latest(id) > (seen.get(`${world.me}/${id}`) ?? '0')),
  );
  document.title = `${isHome ? world.app.name : channelTitle(channelOf(channel))} – ${world.team.name}`;
  drawSidebar(find('#sidebar'), { channel, unread });
  drawHeader(channel);
  if (isHome) drawHome(find('#messages'));
  else drawMessages(find('#messages'), topLevel(channel), { place: `${world.me}/${channel}` });
  find('#composer').hidden = isHome;
  mainComposer.refresh();
  drawThread(channel, isHome ? null : thread);
  drawModal(world.views);
}

function drawHeader(id) {
  const channel = channelOf(id);
  redraw(find('#channel-header'), [world.me, channel ?? 'home'], () => [
    h(
      'button',
      {
        type: 'button',
        class: 'menu-button',
        'aria-label': 'Channels',
        onclick: () => document.body.classList.toggle('menu-open'),
      },
      '☰',
    ),
    h('h1', {}, channel ? `${channel.kind === 'im' ? '' : '# '}${channelTitle(channel)}` : world.app.name),
    h('span', { class: 'members' }, channel && channel.kind !== 'im' ? `${channel.members.length} members` : ''),
  ]);
}

function drawThread(channel, ts) {
  const panel = find('#thread');
  const messages = ts ? threadOf(channel, ts) : [];
  panel.hidden = messages.length === 0;
  document.body.classList.toggle('thread-open', !panel.hidden);
  if (panel.hidden) return;
  redraw(find('#thread-header'), [channel], () => [
    h('h1', {}, 'Thread'),
    h('span', { class: 'members' }, `# ${channelTitle(channelOf(channel))}`),
    h(
      'button',
      { type: 'button', class: 'button icon', 'aria-label': 'Close thread', onclick: () => goTo({ thread: null }) },
      '✕',
    ),
  ]);
  drawMessages(find('#thread-messages'), messages, { inThread: true, place: `${world.me}/${channel}/${ts}` });
  threadComposer.refresh();
}

/** Fetches and draws; what changes meanwhile is fetched right after, never in parallel. */
async function refresh() {
  stale = true;
  loading ??= fetchAndDraw().finally(() => {
    loading = null;
  });
  await loading;
}

async function fetchAndDraw() {
  while (stale) {
    stale = false;
    const state = await fetchState(readPlace().user);
    await released();
    setWorld(state);
    draw();
  }
}

async function arrive() {
  await refresh();
  if (currentChannel() === 'home') void act('home', {});
}

find('#composer').append(mainComposer);
find('#thread-composer').append(threadComposer);
addEventListener('hashchange', () => void arrive());
find('#main').addEventListener('click', (event) => {
  if (!event.target.closest('.menu-button')) document.body.classList.remove('menu-open');
});
const changes = new EventSource('/_control/changes');
changes.addEventListener('message', () => void refresh());
await arrive();
