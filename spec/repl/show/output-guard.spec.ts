import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
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
    end: () => bytes.push(Buffer.from('<end>')),
    setDefaultEncoding: (encoding: BufferEncoding) => Buffer.from('', encoding),
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

  it('has at most four marks on a letter, also with colours between them', () => {
    const [marks, red] = ['\u0300'.repeat(4), '\u001b[31m'];
    expect(terminalText(`a${marks}${red}b${marks}`)).toBe(`a${marks}${red}b${marks}`);
    for (const text of [`a${marks}${red}\u0301`, `a\u0300${red}\u0300${red}${red}\u0300\u0300${red}\u0301`])
      expect(terminalText(text)).toBe(text.replace('\u0301', '\\u0301'));
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

  it('is the same by way of end(), in a DataView, and with another default encoding', async () => {
    const { stream, written } = guarded(true);
    stream.end('\u001b[2J');
    const bytes = Uint8Array.from([0x20, 0x1b, 0x63, 0x20]);
    (stream.write as (chunk: ArrayBufferView) => boolean)(new DataView(bytes.buffer, 1, 2));
    expect(stream.setDefaultEncoding('hex')).toBe(stream);
    stream.write('1b5d');
    stream.write('\u001b', 'utf8');
    expect(written().toString()).toBe('\\u001b[2J\\u001bc\\u001b]\\u001b');
    await new Promise<void>((done) => stream.end(done));
    await new Promise<void>((done) => stream.end('61', done));
    await new Promise<void>((done) => stream.end('b', 'utf8', done));
    expect(written().toString()).toBe('\\u001b[2J\\u001bc\\u001b]\\u001bab');
  });

  it('can follow end(): the session goes on', () => {
    const { stream, written } = guarded(true);
    stream.end();
    stream.write('a');
    expect(written().toString()).toBe('a');
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

  it('keeps the bytes beside a token that are no text', () => {
    const { stream, written } = guarded(false, 's3cret');
    stream.write(Buffer.concat([Buffer.from([255, 155]), Buffer.from('s3cret'), Buffer.from([254])]));
    expect(written()).toEqual(
      Buffer.concat([Buffer.from([255, 155]), Buffer.from('[token]'), Buffer.from([254])]),
    );
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

  it('is replaced in parts of 12 characters, wherever they begin', () => {
    const token = `dop_v1_${createHash('sha256').update('any').digest('hex')}`;
    const { stream, written } = guarded(isTTY, token);
    const secret = token.slice(7);
    stream.write(`${secret} ${secret.toUpperCase()} ${token.slice(-12)} ${token.slice(0, 11)}é `);
    stream.write(Buffer.from(`é${token.slice(20, 40)}****`));
    expect(written().toString()).toBe(`[token] [token] [token] ${token.slice(0, 11)}é é[token]****`);
  });
});
