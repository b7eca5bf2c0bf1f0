import { act } from './api.js';
import { renderBlocks } from './blocks.js';
import { h, reconcile } from './dom.js';
import { world } from './world.js';

/** Draws the app's Home tab. */
export function drawHome(container) {
  const view = world.home;
  const use = (block, element, value) =>
    act('click', {
      view_id: view.id,
      block_id: block.block_id,
      action_id: element.action_id,
      ...(value === undefined ? {} : { value }),
    });
  container.dataset.place = 'home';
  reconcile(container, [view], {
    key: () => 'home',
    signature: () => JSON.stringify(view),
    make: () =>
      view
        ? h('div', { class: 'home blocks' }, renderBlocks(view.blocks, use))
        : h('div', { class: 'empty' }, 'The app has not published a Home tab for you yet.'),
  });
}
