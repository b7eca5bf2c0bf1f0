import { z } from 'zod';
import type { SocketMode } from '../delivery/socket-mode.ts';
import { sendJson, type Exchange } from '../http/exchange.ts';
import { edit, remove } from '../interactions/change.ts';
import { click } from '../interactions/click.ts';
import { runCommand } from '../interactions/command.ts';
import { post } from '../interactions/post.ts';
import { person, type Session } from '../interactions/session.ts';
import { useShortcut } from '../interactions/shortcut.ts';
import { close, submit } from '../interactions/submit.ts';
import { suggest } from '../interactions/suggest.ts';
import type { Json } from '../model.ts';
import { SlackError } from '../slack-error.ts';
import { faultSchema, type Fault } from '../state/faults.ts';
import { inputs } from './inputs.ts';
import { lookAtFiles, lookAtHome, lookAtMessages, lookAtState, lookAtViews } from './look.ts';
import { streamChanges } from './stream.ts';

type Handler = (input: unknown) => Json | Promise<Json>;

/** Adds a fault; a `disconnect` of `socket` happens at once. */
export function addFault(session: Session, sockets: SocketMode, fault: Fault): void {
  if (fault.method === 'socket' && fault.kind === 'disconnect') sockets.recycle(fault.times, fault.abrupt);
  else session.world.faults.add(fault);
  session.world.changes.announce({ kind: 'fault' });
}

/** The control API's requests, as `METHOD name`. */
function handlers(session: Session, sockets: SocketMode): ReadonlyMap<string, Handler> {
  const { world, events } = session;
  return new Map<string, Handler>([
    ['POST command', async (input) => ({ ...(await runCommand(session, inputs.command.parse(input))) })],
    ['POST click', async (input) => ({ ...(await click(session, inputs.click.parse(input))) })],
    ['POST submit', async (input) => ({ ...(await submit(session, inputs.submit.parse(input))) })],
    ['POST suggest', async (input) => ({ ...(await suggest(session, inputs.suggest.parse(input))) })],
    ['POST shortcut', async (input) => ({ ...(await useShortcut(session, inputs.shortcut.parse(input))) })],
    ['POST close', async (input) => ({ ...(await close(session, inputs.close.parse(input))) })],
    ['POST message', (input) => ({ ...post(session, inputs.message.parse(input)) })],
    ['POST edit', (input) => (edit(session, inputs.edit.parse(input)), {})],
    ['POST remove', (input) => (remove(session, inputs.remove.parse(input)), {})],
    [
      'POST home',
      (input) => {
        events.appHomeOpened(person(world, inputs.openHome.parse(input).user).id);
        return {};
      },
    ],
    ['GET messages', (input) => ({ messages: lookAtMessages(world, inputs.messages.parse(input)) })],
    ['GET views', (input) => ({ views: lookAtViews(world, inputs.user.parse(input).user) })],
    ['GET home', (input) => ({ view: lookAtHome(world, inputs.user.parse(input).user) })],
    ['GET files', () => ({ files: lookAtFiles(world) })],
    [
      'GET state',
      (input) =>
        lookAtState(
          world,
          inputs.state.parse(input).user,
          world.start.request_url === null ? sockets.connections() : null,
        ),
    ],
    ['GET faults', () => ({ faults: world.faults.pending() })],
    [
      'POST faults',
      (input) => {
        addFault(session, sockets, faultSchema.parse(input));
        return {};
      },
    ],
    [
      'DELETE faults',
      () => {
        world.faults.clear();
        return {};
      },
    ],
  ]);
}

/** Answers `/_control/…`. False when the path is something else. */
export function createControl(session: Session, sockets: SocketMode): (exchange: Exchange) => Promise<boolean> {
  const known = handlers(session, sockets);
  return async (exchange) => {
    const name = /^\/_control\/(\w+)$/.exec(exchange.url.pathname)?.[1];
    if (name === undefined) return false;
    if (name === 'changes') {
      streamChanges(session.world, exchange.response);
      return true;
    }
    await answer(known.get(`${exchange.method} ${name}`), exchange);
    return true;
  };
}

async function answer(handler: Handler | undefined, { method, url, body, response }: Exchange): Promise<void> {
  if (!handler) return sendJson(response, 404, { ok: false, error: 'unknown_request' });
  try {
    const input: unknown =
      method === 'POST' ? JSON.parse(body.toString('utf8') || '{}') : Object.fromEntries(url.searchParams);
    sendJson(response, 200, { ok: true, ...(await handler(input)) });
  } catch (error) {
    if (error instanceof SlackError) return sendJson(response, 400, error.toAnswer());
    if (error instanceof z.ZodError)
      return sendJson(response, 400, { ok: false, error: 'invalid_request', problems: z.prettifyError(error) });
    if (error instanceof SyntaxError) return sendJson(response, 400, { ok: false, error: 'invalid_json' });
    throw error;
  }
}
