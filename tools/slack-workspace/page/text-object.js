import { mrkdwn, plainText } from './mrkdwn.js';

/** A text object as nodes. */
export const textObject = (object) =>
  object.type === 'mrkdwn'
    ? mrkdwn(object.text, object.verbatim === true)
    : plainText(object.text, object.emoji !== false);
