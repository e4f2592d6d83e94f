import type { Rewritten } from '../support/toxics';
import type { Variant } from './fault';

/** Status line and headers, with the empty line that ends them. */
export const headOf = (response: Buffer): string => response.toString('latin1', 0, bodyAt(response));

export const bodyOf = (response: Buffer): Buffer => response.subarray(bodyAt(response));

const bodyAt = (response: Buffer): number => response.indexOf('\r\n\r\n') + 4;

/** A response with this body and its `content-length`. */
export function responseOf(head: string, body: Buffer | string, ...headers: string[]): Buffer {
  const data = Buffer.from(body);
  const lines = head
    .split('\r\n')
    .filter((line) => line !== '' && !/^(content-length|transfer-encoding):/i.test(line));
  const all = [...lines, ...headers, `content-length: ${data.length}`, '', ''];
  return Buffer.concat([Buffer.from(all.join('\r\n'), 'latin1'), data]);
}

/** The response with another body; 204, the response to a DELETE, becomes 200. */
export const withBody = (response: Buffer, body: Buffer | string, ...headers: string[]): Buffer =>
  responseOf(headOf(response).replace('204 No Content', '200 OK'), body, ...headers);

/** A fault that changes responses and keeps the connection. */
export function rewriting(change: (response: Buffer) => Buffer): Variant['arrange'] {
  return rewritingAll((response) => ({ data: change(response), then: 'keep' }));
}

/** A fault that replaces responses. */
export function rewritingAll(rewrite: (response: Buffer) => Rewritten): Variant['arrange'] {
  return ({ proxy }, times) => void proxy.add({ type: 'rewrite', times, attributes: { rewrite } });
}

/** A fault that changes the text of response bodies. */
export const editing = (change: (body: string) => string): Variant['arrange'] =>
  rewriting((response) => {
    const body = bodyOf(response);
    return body.length === 0 ? response : responseOf(headOf(response), change(body.toString()));
  });

/** The response with a body of chunks of one byte, padded to `size` bytes with white space. */
export function inOneByteChunks(response: Buffer, size = 0): Buffer {
  const body = bodyOf(response).length > 0 ? bodyOf(response) : Buffer.from('{}');
  const padded = Buffer.alloc(Math.max(size, body.length), ' ');
  body.copy(padded);
  const chunks = Buffer.alloc(6 * padded.length, '1\r\n \r\n');
  for (let at = 0; at < padded.length; at++) chunks[6 * at + 3] = padded[at] ?? 0;
  const head = headOf(response)
    .replace('204 No Content', '200 OK')
    .replace(/^content-length:.*\r\n/im, '')
    .replace(/\r\n\r\n$/, '\r\ntransfer-encoding: chunked\r\n\r\n');
  return Buffer.concat([Buffer.from(head, 'latin1'), chunks, Buffer.from('0\r\n\r\n')]);
}
