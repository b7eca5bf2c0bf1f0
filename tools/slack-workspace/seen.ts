/** What a person sees of blocks: drawn by the workspace's own page, without a browser. */

/** A node as the page's `h` makes it: as much of an element as drawing needs. */
export interface SeenNode {
  readonly tag: string;
  readonly className: string;
  readonly children: readonly (SeenNode | string)[];
}

class Drawn implements SeenNode {
  readonly children: (SeenNode | string)[] = [];
  readonly dataset: Record<string, string> = {};
  readonly tag: string;
  className = '';

  constructor(tag: string) {
    this.tag = tag;
  }

  readonly classList = {
    add: (...names: readonly string[]) => void (this.className = [this.className, ...names].join(' ').trim()),
  };
  readonly style = { setProperty: () => undefined };

  addEventListener(): void {}

  setAttribute(name: string, value: string): void {
    if (name === 'class') this.className = value;
  }

  append(...children: readonly (SeenNode | string | number)[]): void {
    this.children.push(...children.map((child) => (typeof child === 'number' ? String(child) : child)));
  }
}

interface Drawing {
  readonly renderBlocks: (blocks: readonly object[], use: null) => readonly SeenNode[];
  readonly mrkdwn: (text: string) => readonly (SeenNode | string)[];
}

const page = (file: string): Promise<Record<string, unknown>> => import(new URL(`page/${file}`, import.meta.url).href);

/** Loads the page's drawing code, for a workspace with these people and channels. */
export async function pageDrawing(world: {
  readonly me: string;
  readonly users: readonly object[];
  readonly channels: readonly object[];
  readonly usergroups: readonly object[];
}): Promise<Drawing> {
  Object.assign(globalThis, { document: { createElement: (tag: string) => new Drawn(tag) } });
  const [blocks, mrkdwn, state] = await Promise.all([page('blocks.js'), page('mrkdwn.js'), page('world.js')]);
  (state['setWorld'] as (to: object) => void)({ messages: [], ...world });
  return {
    renderBlocks: blocks['renderBlocks'] as Drawing['renderBlocks'],
    mrkdwn: mrkdwn['mrkdwn'] as Drawing['mrkdwn'],
  };
}

const ownBoxes = new Set(['pre', 'blockquote']);
const boxes = new Set(['div', 'section', 'ul', 'li', 'button', ...ownBoxes]);

/** Every element below, the node itself first. */
export function nodesOf(node: SeenNode | string): readonly SeenNode[] {
  return typeof node === 'string' ? [] : [node, ...node.children.flatMap(nodesOf)];
}

/** All that a node says. */
export function textOfNode(node: SeenNode | string): string {
  if (typeof node === 'string') return node;
  return node.tag === 'br' ? '\n' : node.children.map(textOfNode).join('');
}

/** The lines as they stand in the message itself; what has a box of its own (code, quotations) is left out. */
export function linesOfNode(node: SeenNode): readonly string[] {
  const lines = [''];
  const visit = (one: SeenNode | string): void => {
    if (typeof one === 'string') {
      const [first = '', ...rest] = one.split(/\r\n|[\n\v\f\r\u0085\u2028\u2029]/);
      lines[lines.length - 1] += first;
      lines.push(...rest);
    } else if (one.tag === 'br') lines.push('');
    else if (!ownBoxes.has(one.tag)) {
      if (boxes.has(one.tag)) lines.push('');
      one.children.forEach(visit);
      if (boxes.has(one.tag)) lines.push('');
    }
  };
  visit(node);
  return lines.filter((line) => line !== '');
}
