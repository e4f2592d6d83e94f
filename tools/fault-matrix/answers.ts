import type { Rewritten } from '../support/toxics';
import type { Variant } from './fault';

/** Status line and headers, with the empty line at their end. */
export const headOf = (answer: Buffer): string => answer.toString('latin1', 0, bodyAt(answer));

export const bodyOf = (answer: Buffer): Buffer => answer.subarray(bodyAt(answer));

const bodyAt = (answer: Buffer): number => answer.indexOf('\r\n\r\n') + 4;

/** An answer with that body; `content-length` is made to fit. */
export function answerOf(head: string, body: Buffer | string, ...headers: string[]): Buffer {
  const data = Buffer.from(body);
  const lines = head
    .split('\r\n')
    .filter((line) => line !== '' && !/^(content-length|transfer-encoding):/i.test(line));
  const all = [...lines, ...headers, `content-length: ${data.length}`, '', ''];
  return Buffer.concat([Buffer.from(all.join('\r\n'), 'latin1'), data]);
}

/** What a server sends that has carried a request out; the answer to a DELETE gets a body as well. */
export const withBody = (answer: Buffer, body: Buffer | string, ...headers: string[]): Buffer =>
  answerOf(headOf(answer).replace('204 No Content', '200 OK'), body, ...headers);

/** A fault that changes answers and leaves the connection alone. */
export function rewriting(change: (answer: Buffer) => Buffer): Variant['arrange'] {
  return rewritingAll((answer) => ({ data: change(answer), then: 'keep' }));
}

/** A fault that does this to answers. */
export function rewritingAll(answer: (answer: Buffer) => Rewritten): Variant['arrange'] {
  return ({ proxy }, times) => void proxy.add({ type: 'rewrite', times, attributes: { answer } });
}

/** A fault that changes the text of bodies. */
export const editing = (change: (body: string) => string): Variant['arrange'] =>
  rewriting((answer) => {
    const body = bodyOf(answer);
    return body.length === 0 ? answer : answerOf(headOf(answer), change(body.toString()));
  });
