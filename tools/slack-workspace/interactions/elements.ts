import { blocksOf, isObject, objectsOf } from '../json.ts';
import type { Block, Json } from '../model.ts';

/** An interactive element and the block that it stands in. */
export interface Placed {
  block: Block;
  element: Json & { type: string; action_id: string };
}

/** Every interactive element of these blocks, nested ones too, in reading order. */
export function interactiveElements(blocks: readonly Block[]): Placed[] {
  return blocks.flatMap((block) => {
    const own = [
      ...objectsOf(block['elements']),
      ...objectsOf(block['actions']),
      ...[block['accessory'], block['element']].filter(isObject),
    ];
    const here = own.filter(isInteractive).map((element) => ({ block, element }));
    const nested = [
      ...blocksOf(block['child_blocks']),
      ...(block.type === 'carousel' ? blocksOf(block['elements']) : []),
    ];
    return [...here, ...interactiveElements(nested)];
  });
}

function isInteractive(element: Json): element is Placed['element'] {
  return typeof element['action_id'] === 'string';
}
