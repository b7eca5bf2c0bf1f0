import { respond } from '../interactions/respond.ts';
import type { Session } from '../interactions/session.ts';
import { objectOf, textOf } from '../json.ts';
import { SlackError } from '../slack-error.ts';
import { callMethod } from '../web-api/call.ts';
import { isPng } from '../web-api/files.ts';
import { sendContent, sendJson, type Exchange } from './exchange.ts';
import { withFaults } from './with-faults.ts';

/**
 * Answers what an app asks of Slack: the Web API, uploads, downloads and response URLs. False when the path is none of
 * these.
 */
export async function slackRoute(session: Session, exchange: Exchange): Promise<boolean> {
  const [, room, ...rest] = exchange.url.pathname.split('/');
  switch (room) {
    case 'api':
      api(session, exchange, rest.join('/'));
      return true;
    case 'upload':
      await upload(session, exchange, rest[1] ?? '');
      return true;
    case 'files':
      download(session, exchange, rest[0] ?? '');
      return true;
    case 'response':
      responseUrl(session, exchange, rest[0] ?? '');
      return true;
    default:
      return false;
  }
}

function api({ world, events }: Session, { request, response, body, url }: Exchange, method: string): void {
  withFaults(world, method, response, () => {
    const answer = callMethod(world, events, { method, headers: request.headers, body, query: url.searchParams });
    if (answer['error'] === 'ratelimited')
      return sendJson(
        response,
        429,
        { ok: false, error: 'ratelimited' },
        { 'retry-after': textOf(answer['retry_after']) },
      );
    sendJson(response, 200, answer, { 'x-oauth-scopes': world.start.scopes.join(',') });
  });
}

/** Takes the file as the multipart field that the client sends, or as the bare body. */
async function upload({ world }: Session, { request, response, body }: Exchange, id: string): Promise<void> {
  const file = world.files.get(id);
  const type = request.headers['content-type'] ?? '';
  const content = type.startsWith('multipart/form-data') ? await fieldOf(type, body) : body;
  withFaults(world, 'files.upload', response, () => {
    if (!file || file.uploaded) return sendJson(response, 404, { ok: false, error: 'file_not_found' });
    if (content.length !== file.length) return sendJson(response, 400, { ok: false, error: 'length_mismatch' });
    Object.assign(file, { content, uploaded: true });
    sendContent(response, 'text/plain', `OK - ${content.length}`);
  });
}

async function fieldOf(type: string, body: Buffer): Promise<Buffer> {
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
  for (const value of form.values()) {
    return typeof value === 'string' ? Buffer.from(value) : Buffer.from(await value.arrayBuffer());
  }
  return Buffer.alloc(0);
}

function download({ world }: Session, { response, url }: Exchange, id: string): void {
  const file = world.files.get(id);
  if (!file?.complete) return sendJson(response, 404, { ok: false, error: 'file_not_found' });
  const disposition: Record<string, string> = url.searchParams.has('download')
    ? { 'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}` }
    : {};
  // Never as HTML: an uploaded page must not run with the workspace's rights.
  sendContent(response, isPng(file) ? 'image/png' : 'text/plain; charset=utf-8', file.content, {
    'x-content-type-options': 'nosniff',
    ...disposition,
  });
}

function responseUrl({ world, events }: Session, { response, body }: Exchange, id: string): void {
  withFaults(world, 'response_url', response, () => {
    try {
      respond(world, events, world.responseUrls.use(id), objectOf(JSON.parse(body.toString('utf8'))));
      sendContent(response, 'text/html', 'ok');
    } catch (error) {
      if (!(error instanceof SlackError)) throw error;
      sendJson(response, error.code.endsWith('_url') ? 404 : 400, error.toAnswer());
    }
  });
}
