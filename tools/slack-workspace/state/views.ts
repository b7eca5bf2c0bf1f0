import type { Json, View } from '../model.ts';
import type { Changes } from './changes.ts';

/** Open modals (a stack a user) and published Home tabs. */
export interface Views {
  /** A user's open modals, the topmost last. */
  stack(user: string): View[];
  home(user: string): View | null;
  /** By id or external id, with its owner. */
  find(idOrExternalId: string): { view: View; user: string } | null;
  /** Puts a modal on a user's stack; with `root` the stack begins anew. */
  push(user: string, view: View, root: boolean): void;
  replace(view: View): void;
  publish(user: string, view: View): void;
  /** Takes the modal away, and with `all` everything below it too. Returns what was closed. */
  close(user: string, id: string, all: boolean): View[];
  /** Options that the app gave to the external select of this action: a person may choose any of them. */
  offer(view: string, action: string, options: readonly Json[]): void;
  offered(view: string, action: string): readonly Json[];
}

/** Creates an empty view store. */
export function createViews(changes: Changes): Views {
  const stacks = new Map<string, View[]>();
  const homes = new Map<string, View>();
  const offers = new Map<string, readonly Json[]>();
  const stack = (user: string): View[] => stacks.get(user) ?? [];

  function find(wanted: string): { view: View; user: string } | null {
    const modals = [...stacks].flatMap(([user, views]) => views.map((view) => ({ user, view })));
    const all = [...modals, ...[...homes].map(([user, view]) => ({ user, view }))];
    return (
      all.find(({ view }) => view.id === wanted || (view.external_id !== '' && view.external_id === wanted)) ?? null
    );
  }

  return {
    stack,
    home: (user) => homes.get(user) ?? null,
    find,
    push(user, view, root) {
      stacks.set(user, root ? [view] : [...stack(user), view]);
      changes.announce({ kind: 'view', user });
    },
    replace(view) {
      const known = find(view.id);
      if (!known) return;
      if (view.type === 'home') homes.set(known.user, view);
      else
        stacks.set(
          known.user,
          stack(known.user).map((one) => (one.id === view.id ? view : one)),
        );
      changes.announce({ kind: view.type === 'home' ? 'home' : 'view', user: known.user });
    },
    publish(user, view) {
      homes.set(user, view);
      changes.announce({ kind: 'home', user });
    },
    close(user, id, all) {
      const open = stack(user);
      const closed = all ? open : open.filter((view) => view.id === id);
      stacks.set(
        user,
        open.filter((view) => !closed.includes(view)),
      );
      changes.announce({ kind: 'view', user });
      return closed;
    },
    offer: (view, action, options) =>
      void offers.set(`${view} ${action}`, [...(offers.get(`${view} ${action}`) ?? []), ...options]),
    offered: (view, action) => offers.get(`${view} ${action}`) ?? [],
  };
}
