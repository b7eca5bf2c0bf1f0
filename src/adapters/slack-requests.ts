/** Slack's signed HTTP requests, given to Bolt. */
import { HTTPModuleFunctions as http, HTTPResponseAck, type App, type Logger, type Receiver } from '@slack/bolt';
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface SlackRequests extends Receiver {
  /** Answers one POST of Slack. Rejects when it cannot be handled: then nothing was answered. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/**
 * Does what Bolt's own HTTP receiver does, with the same parts of Bolt. That one starts its work in a promise that
 * nobody waits for: a signed body such as `null` rejects it, which ends the process.
 */
export function createSlackRequests(signingSecret: () => string, logger: Logger): SlackRequests {
  let app: App | null = null;

  /** @returns null where the request was refused, and answered so. */
  async function read(request: IncomingMessage, response: ServerResponse) {
    const refuse = (status: number, why: string) => {
      logger.warn(`refused a request of Slack: ${why}`);
      // The rest of a body that is not read would stand before the next request of its connection.
      if (!request.complete) response.setHeader('connection', 'close');
      http.buildNoBodyResponse(response, status);
      return null;
    };
    let signed;
    try {
      const options = { enabled: true, signingSecret: signingSecret(), logger, bodyLimit: http.defaultBodyLimit };
      signed = await http.parseAndVerifyHTTPRequest(options, request);
    } catch (error) {
      const tooLarge = http.isRawBodyError(error) && error.statusCode === 413;
      return tooLarge ? refuse(413, 'it is too large') : refuse(401, messageOf(error));
    }
    try {
      const body: unknown = http.parseHTTPRequestBody(signed);
      return isObject(body) ? { signed, body } : refuse(400, 'the body is not an object');
    } catch {
      // Its message would quote the body.
      return refuse(400, 'the body is not JSON');
    }
  }

  return {
    init: (given) => void (app = given),
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    async handle(request, response) {
      const delivery = await read(request, response);
      if (!delivery) return;
      const { signed, body } = delivery;
      if (body['ssl_check'] === '1') return http.buildSSLCheckResponse(response);
      if (body['type'] === 'url_verification') return http.buildUrlVerificationResponse(response, body);
      const ack = new HTTPResponseAck({
        logger,
        processBeforeResponse: false,
        httpRequest: signed,
        httpRequestBody: body,
        httpResponse: response,
      });
      try {
        const retryNum = http.extractRetryNumFromHTTPRequest(request);
        const retryReason = http.extractRetryReasonFromHTTPRequest(request);
        await app?.processEvent({
          body,
          ack: ack.bind(),
          ...(retryNum === undefined ? {} : { retryNum }),
          ...(retryReason === undefined ? {} : { retryReason }),
        });
      } catch (error) {
        // Its timer would otherwise say after three seconds that nobody answered.
        ack.ack();
        throw error;
      }
    },
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
