import { addFault } from './control/routes.ts';
import { lookAtFiles, lookAtHome, lookAtMessages, lookAtViews, type MessageQuery } from './control/look.ts';
import { createEvents } from './delivery/events.ts';
import { createRequestUrlTransport } from './delivery/request-url.ts';
import { createSocketMode } from './delivery/socket-mode.ts';
import { listen } from './http/server.ts';
import { edit, remove, type EditInput } from './interactions/change.ts';
import { click, type ClickInput } from './interactions/click.ts';
import { runCommand, type CommandInput } from './interactions/command.ts';
import { post, type PostInput } from './interactions/post.ts';
import { person, type Outcome, type Session } from './interactions/session.ts';
import { useShortcut, type ShortcutInput } from './interactions/shortcut.ts';
import { close, submit, type SubmitInput, type SubmitOutcome } from './interactions/submit.ts';
import { suggest, type SuggestInput, type SuggestOutcome } from './interactions/suggest.ts';
import type { Json, View } from './model.ts';
import { checkStart, defaultStartFile, readStartFile, type Start } from './start-file.ts';
import type { Changes } from './state/changes.ts';
import { faultSchema, type Fault } from './state/faults.ts';
import { createWorld } from './state/world.ts';

/** How to start a workspace. */
export interface WorkspaceOptions {
  /** 0, the default, takes a free port. */
  port?: number;
  host?: string;
  /** A start file's path, or its content; `start.json` beside this file by default. */
  start?: string | URL | Start;
  /** Replaces parts of the start, e.g. `{request_url}` or `{scopes}`. */
  override?: Partial<Start>;
  now?: () => number;
  /** Hold apps to Slack's rate limits; off by default. */
  rateLimits?: boolean;
  /** Types of blocks that messages may not have, as in a workspace where Slack has not brought them out. */
  lacksBlocks?: readonly string[];
  /** Waits before each repetition of an event that was not acknowledged. */
  eventRetryDelaysMs?: readonly number[];
}

/** A running workspace. The functions do what the control API's requests of the same names do. */
export interface Workspace {
  url: string;
  /** What SLACK_API_URL is set to. */
  apiUrl: string;
  start: Start;
  command(input: CommandInput): Promise<Outcome>;
  click(input: ClickInput): Promise<Outcome>;
  submit(input: SubmitInput): Promise<SubmitOutcome>;
  suggest(input: SuggestInput): Promise<SuggestOutcome>;
  shortcut(input: ShortcutInput): Promise<Outcome>;
  close(input: { user: string; view_id: string }): Promise<Outcome>;
  message(input: PostInput): { channel: string; ts: string };
  edit(input: EditInput): void;
  remove(input: { channel: string; ts: string }): void;
  openHome(user: string): void;
  messages(query: MessageQuery): Json[];
  views(user: string): View[];
  home(user: string): View | null;
  files(): Json[];
  fault(fault: Pick<Fault, 'method' | 'kind'> & Partial<Fault>): void;
  clearFaults(): void;
  connections(): number;
  /** Resolves when `look` answers something truthy; asked again after every change. */
  until: Changes['until'];
  stop(): Promise<void>;
}

/** Starts a stand-in for Slack. Throws when the start file is invalid or the address cannot be had. */
export async function startWorkspace(options: WorkspaceOptions = {}): Promise<Workspace> {
  const given = options.start ?? defaultStartFile;
  const base = typeof given === 'string' || given instanceof URL ? readStartFile(given) : given;
  const start = checkStart({ ...base, ...options.override });
  const world = createWorld(start, options.now ?? Date.now, options.rateLimits ?? false, options.lacksBlocks);
  const sockets = createSocketMode(world);
  const transport = start.request_url === null ? sockets : createRequestUrlTransport(world, start.request_url);
  const events = createEvents(world, transport, options.eventRetryDelaysMs);
  const session: Session = { world, transport, events };
  const server = await listen(session, sockets, options.host ?? '127.0.0.1', options.port ?? 0);

  return {
    url: world.origin,
    apiUrl: `${world.origin}/api/`,
    start,
    command: (input) => runCommand(session, input),
    click: (input) => click(session, input),
    submit: (input) => submit(session, input),
    suggest: (input) => suggest(session, input),
    shortcut: (input) => useShortcut(session, input),
    close: (input) => close(session, input),
    message: (input) => post(session, input),
    edit: (input) => edit(session, input),
    remove: (input) => remove(session, input),
    openHome: (user) => events.appHomeOpened(person(world, user).id),
    messages: (query) => lookAtMessages(world, query),
    views: (user) => lookAtViews(world, user),
    home: (user) => lookAtHome(world, user),
    files: () => lookAtFiles(world),
    fault: (fault) => addFault(session, sockets, faultSchema.parse(fault)),
    clearFaults: () => world.faults.clear(),
    connections: () => sockets.connections(),
    until: (look, timeoutMs, what) => world.changes.until(look, timeoutMs, what),
    async stop() {
      events.stop();
      await sockets.stop();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
