/**
 * Makes an element. Properties beginning with `on` are listeners, `data` is a dataset, the rest are attributes
 * (false, null and undefined are left out). Children are nodes or texts; nothing is ever parsed as HTML.
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'data') Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

/**
 * Makes a container's children those of `items`, keeping the node of every item whose signature did not change,
 * so that focus, selection and typed text survive an update.
 */
export function reconcile(container, items, { key, signature, make }) {
  const known = new Map([...container.children].map((node) => [node.dataset.key, node]));
  const wanted = items.map((item) => {
    const id = key(item);
    const sign = signature(item);
    const old = known.get(id);
    if (old && old.signature === sign) return old;
    const node = make(item);
    node.dataset.key = id;
    node.signature = sign;
    return node;
  });
  for (const [index, node] of wanted.entries()) {
    if (container.children[index] !== node) container.insertBefore(node, container.children[index] ?? null);
  }
  while (container.children.length > wanted.length) container.lastElementChild.remove();
}

/** Fills a container anew, but only when what it shows has changed: a menu that is open there stays open. */
export function redraw(container, shown, make) {
  const signature = JSON.stringify(shown);
  if (container.signature === signature) return;
  container.signature = signature;
  container.replaceChildren(...[make()].flat(Infinity).filter(Boolean));
}
