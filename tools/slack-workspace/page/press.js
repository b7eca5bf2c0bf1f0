/**
 * Resolves once no button of the mouse or finger is down. A click is a press and a release on one node: where the node
 * is replaced between them, the browser reports no click, and what the person did is lost.
 */
export function released() {
  return held?.promise ?? Promise.resolve();
}

let held = null;

function release() {
  held?.resolve();
  held = null;
}

addEventListener('pointerdown', () => (held ??= Promise.withResolvers()), true);
// The click comes after the release, in the same task or the next one.
for (const end of ['pointerup', 'pointercancel', 'blur']) addEventListener(end, () => setTimeout(release), true);
