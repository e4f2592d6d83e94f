import type { TransportResponse } from '../../../lib';
import { scaled } from '../../support/scale';

/** A response that contains a text in one of the places that errors quote. @param said as the inside of a JSON string */
export type Echo = (said: string) => TransportResponse;

const answer = (status: number, body: string, headers: Record<string, string> = {}): TransportResponse => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body,
});

/** Header values are one line of ASCII, whatever the text is. */
const inHeader = (said: string): string => said.replace(/[^\u0021-\u007e]/g, '');

const resource = (fields: string): string =>
  `{"image":{${fields}},"action":{${fields}},"images":[{${fields}}],"actions":[{${fields}}]}`;

/** Where a server may quote what it received. */
export const ECHOES: Readonly<Record<string, Echo>> = {
  'the message of a 422': (said) => answer(422, `{"id":"unprocessable_entity","message":"No ${said}."}`),
  'the id of a 403': (said) => answer(403, `{"id":"${said}","message":"No."}`),
  'the error of a tag': (said) => answer(400, `{"error":"No ${said}."}`),
  'the request id in a body': (said) => answer(500, `{"id":"x","message":"No.","request_id":"${said}"}`),
  'the request id in a header': (said) => answer(404, '{}', { 'x-request-id': inHeader(said) }),
  'plain text': (said) => answer(401, `Unable to authenticate ${said}`),
  'a page': (said) =>
    answer(502, `<html><head><title>502 ${said}</title></head><body><pre>${said}</pre></body></html>`),
  'a 200 that is not JSON': (said) => answer(200, `{"image": "${said}`),
  'a page with 200': (said) => answer(200, `<html><body>${said}</body></html>`),
  'an id of the wrong type': (said) => answer(200, resource(`"id":"${said}"`)),
  'a date that is none': (said) =>
    answer(200, resource(`"id":5,"created_at":"${said}","started_at":"${said}"`)),
  'an object in place of a text': (said) =>
    answer(200, resource(`"id":5,"type":{"${said}":"${said}"},"name":["${said}"]`)),
  'another root': (said) => answer(200, `{"${said}":"${said}"}`),
  'where a redirect leads': (said) =>
    answer(302, '', { location: `https://evil.example/${inHeader(said)}?a=${inHeader(said)}` }),
};

/** All places; in a sample a few of them, in turns. @param turn which ones */
export function echoesFor(turn: number): [where: string, echo: Echo][] {
  const all = Object.entries(ECHOES);
  return scaled(
    all,
    all.filter((_echo, at) => at % 5 === turn % 5),
  );
}
