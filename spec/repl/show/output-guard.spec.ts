import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { OutputGuard, terminalText } from '../../../lib/repl/show/output-guard';
import { scaled } from '../../support/scale';
import { dangerousIn, hostileText } from '../../support/hostile-text';

/** A stream behind a guard, and the bytes that went through as text. */
function guarded(isTTY: boolean, token: string | null = null) {
  const bytes: Buffer[] = [];
  const stream = {
    isTTY,
    columns: 77,
    write(chunk: string | Uint8Array, callback?: () => void) {
      bytes.push(Buffer.from(chunk as string));
      callback?.();
      return true;
    },
  };
  const guard = new OutputGuard(stream as unknown as NodeJS.WriteStream, token);
  return { guard, stream: stream as unknown as NodeJS.WriteStream, written: () => Buffer.concat(bytes) };
}

describe('what is written to a terminal', () => {
  it('has lines, tabs and colours, and of all else its escape', () => {
    expect(terminalText('a\tb\r\n\u001b[32mgreen\u001b[39m')).toBe('a\tb\r\n\u001b[32mgreen\u001b[39m');
    expect(terminalText('a\rb\u001b[2Kc\u001b[8md\u009be\u202ef')).toBe(
      'a\\u000db\\u001b[2Kc\\u001b[8md\\u009be\\u202ef',
    );
  });

  it('cannot control it, whatever text it is', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const { stream, written } = guarded(true);
        stream.write(`> ${text}\n`);
        stream.write(Buffer.from(text));
        stream.write(text, 'latin1');
        expect(dangerousIn(written().toString().replaceAll('\t', '').replaceAll('\r\n', '\n'))).toBeNull();
      }),
      { numRuns: scaled(20_000, 500) },
    );
  });

  it('moves the cursor for the session, but its text still cannot reorder itself', () => {
    const { guard, stream, written } = guarded(true);
    guard.controlling.write('\u001b[2K> a\u202eb\u009b\u2066');
    stream.write('\u001b[2K');
    expect(written().toString()).toBe('\u001b[2K> ab\\u001b[2K');
    expect(guard.controlling.columns).toBe(77);
  });

  it('is written once the callback is called, with any encoding', async () => {
    const { stream, written } = guarded(true);
    await new Promise<void>((done) => stream.write('6162', 'hex', () => done()));
    await new Promise<void>((done) => stream.write('c', () => done()));
    expect(written().toString()).toBe('abc');
  });
});

describe('what is written to a file or a pipe', () => {
  it('is the output of the user, byte for byte', () => {
    const { stream, written } = guarded(false, 's3cret');
    const bytes = Buffer.from([0, 27, 155, 255, 10]);
    stream.write(bytes);
    stream.write('\u001b[2K\u202e');
    expect(written()).toEqual(Buffer.concat([bytes, Buffer.from('\u001b[2K\u202e')]));
  });
});

describe.each([[true], [false]])('a token (terminal: %j)', (isTTY) => {
  it('is replaced in output, in text and in bytes', () => {
    const { guard, stream, written } = guarded(isTTY, 's3cret');
    stream.write('a s3cret and s3cret ');
    stream.write(Buffer.from('s3cret '));
    stream.write(Buffer.from('s3cret ').toString('base64'), 'base64');
    guard.controlling.write('s3cret');
    expect(written().toString()).toBe('a [token] and [token] [token] [token] [token]');
  });
});
