/** A way to write a secret inside a JSON string, as the bytes of a response have it. */
export type Disguise = (secret: string) => string;

const escapeOf = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Doubles the backslashes: JSON in a string of JSON. */
const twice = (text: string): string => text.replaceAll('\\', '\\\\');

const everyCharacter =
  (change: (character: string) => string): Disguise =>
  (secret) =>
    secret.replace(/./g, change);

const percent = (character: string): string => `%${character.charCodeAt(0).toString(16)}`;

/** What servers, proxies and gateways do to a text that they quote. */
export const DISGUISES: Readonly<Record<string, Disguise>> = {
  'as it is': (secret) => secret,
  'escaped as JSON, character by character': everyCharacter(escapeOf),
  'escaped as JSON, in upper case': everyCharacter((one) => escapeOf(one).toUpperCase().replace('U', 'u')),
  'with + and = escaped as JSON': (secret) => secret.replace(/[+=_]/g, escapeOf),
  'with its slashes escaped': (secret) => secret.replaceAll('/', '\\/'),
  'as JSON in JSON': (secret) => twice(everyCharacter(escapeOf)(secret)),
  'with its slashes escaped twice': (secret) => secret.replaceAll('/', '\\\\\\/'),
  'percent-encoded': (secret) => encodeURIComponent(secret),
  'percent-encoded, character by character': everyCharacter(percent),
  'percent-encoded twice': (secret) => encodeURIComponent(encodeURIComponent(secret)),
  'as HTML': everyCharacter((one) => `&#x${one.charCodeAt(0).toString(16)};`),
  'in base64, behind Bearer': (secret) => Buffer.from(`Bearer ${secret}`).toString('base64'),
  'in base64, behind a user': (secret) => Buffer.from(`user:${secret}`).toString('base64'),
  'on two lines': (secret) => `${secret.slice(0, 30)}\\r\\n  ${secret.slice(30)}`,
  'with an invisible character inside': (secret) => `${secret.slice(0, 30)}\\u200b${secret.slice(30)}`,
};
