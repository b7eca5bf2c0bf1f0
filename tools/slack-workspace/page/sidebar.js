import { h, redraw } from './dom.js';
import { avatar, authorOf } from './message.js';
import { goTo } from './place.js';
import { channelTitle, world } from './world.js';

/** Draws who one is and where one can go. `unread` holds channel ids with something new. */
export function drawSidebar(container, { channel, unread }) {
  const people = world.users.filter((one) => !one.is_bot);
  const me = world.users.find((one) => one.id === world.me);
  const item = (id, label, sign) =>
    h(
      'button',
      {
        type: 'button',
        class: ['item', id === channel ? 'current' : '', unread.has(id) ? 'unread' : ''].join(' '),
        'aria-current': id === channel ? 'page' : null,
        data: { channel: id },
        onclick: () => {
          document.body.classList.remove('menu-open');
          goTo({ channel: id, thread: null });
        },
      },
      h('span', { class: 'sign', 'aria-hidden': 'true' }, sign),
      h('span', {}, label),
    );

  redraw(container, [world.me, world.users, world.channels, world.connections, channel, [...unread]], () => [
    h('div', { class: 'team' }, world.team.name),
    h(
      'label',
      { class: 'me' },
      avatar(authorOf({ user: me.id })),
      h(
        'span',
        {},
        h('small', {}, 'You are'),
        h(
          'select',
          {
            id: 'me',
            'aria-label': 'You are',
            onchange: (event) => goTo({ user: event.currentTarget.value, thread: null }),
          },
          people.map((one) => h('option', { value: one.name, selected: one.id === world.me }, one.real_name)),
        ),
      ),
    ),
    h('h2', {}, 'Channels'),
    world.channels
      .filter((one) => one.kind !== 'im')
      .map((one) => item(one.id, one.name, one.kind === 'private' ? '🔒' : '#')),
    h('h2', {}, 'Direct messages'),
    world.channels.filter((one) => one.kind === 'im').map((one) => item(one.id, channelTitle(one), '●')),
    h('h2', {}, 'Apps'),
    item('home', world.app.name, '⌂'),
    h('div', { class: world.connections !== 0 ? 'connection on' : 'connection' }, connectionText()),
  ]);
}

function connectionText() {
  if (world.connections === null) return 'App at its request URL';
  if (world.connections === 0) return 'No app is connected';
  return world.connections === 1 ? 'App connected' : `App connected, ${world.connections} sockets`;
}
