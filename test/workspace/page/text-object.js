import { mrkdwn, plainText } from './mrkdwn.js';

/** A text object as nodes. */
export const textObject = (object) => (object.type === 'mrkdwn' ? mrkdwn(object.text) : plainText(object.text));
