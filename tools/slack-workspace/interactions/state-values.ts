import { isObject, objectOf } from '../json.ts';
import type { Block, Json } from '../model.ts';
import { elementState } from './element-state.ts';
import { interactiveElements } from './elements.ts';

const stateless = new Set(['button', 'icon_button', 'feedback_buttons', 'overflow', 'workflow_button']);

/**
 * The `state.values` of a surface: block id → action id → state. `given` has the same two levels;
 * its leaves are plain values (`'default/mypod'`, `['a','b']`) or states as Slack sends them (`{type, value}`).
 */
export function stateValues(blocks: readonly Block[], given: Json): Record<string, Record<string, Json>> {
  const values: Record<string, Record<string, Json>> = {};
  for (const { block, element } of interactiveElements(blocks)) {
    if (stateless.has(element.type) || block.block_id === undefined) continue;
    const raw = objectOf(given[block.block_id])[element.action_id];
    const state = isState(raw, element.type) ? raw : elementState(element, raw);
    (values[block.block_id] ??= {})[element.action_id] = state;
  }
  return values;
}

function isState(raw: unknown, type: string): raw is Json {
  return isObject(raw) && raw['type'] === type;
}
