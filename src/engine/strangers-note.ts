import type { Fact } from '../model/evidence.ts';
import type { Controller } from '../model/control-plane.ts';

const named = 3;

/** Returns a note that names pods with Calico's label that do not belong to Calico. */
export function strangersNote(controller: Fact<Controller>): readonly string[] {
  const strangers = controller.status === 'observed' ? controller.value.strangers : [];
  if (strangers.length === 0) return [];
  const names = strangers.slice(0, named).join(', ');
  const more = strangers.length > named ? ` and ${strangers.length - named} or more others` : '';
  return strangers.length === 1
    ? [`Pod ${names} carries Calico's label and is not Calico's. It was ignored.`]
    : [`Pods ${names}${more} carry Calico's label and are not Calico's. They were ignored.`];
}
