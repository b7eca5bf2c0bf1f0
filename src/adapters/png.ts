/**
 * Pictures as PNG. The package has a part that is compiled for each kind of machine, and is loaded when the first
 * picture is asked for. Where it is not installed, there is no picture.
 */
import type { DrawPng } from '../model/thread.ts';

/** Pixels for each unit of the SVG: phones have two or three. */
const zoom = 2;

export function createPng({ warn }: { readonly warn: (what: string, error: unknown) => void }): DrawPng {
  return async (svg) => {
    try {
      const { renderAsync } = await import('@resvg/resvg-js');
      const drawn = await renderAsync(svg, { fitTo: { mode: 'zoom', value: zoom }, font: { loadSystemFonts: false } });
      return drawn.asPng();
    } catch (error) {
      warn('a picture could not be drawn', error);
      return null;
    }
  };
}
