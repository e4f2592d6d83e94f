import { escapeUnit, UNPRINTABLE } from '../../util/text/sanitize';
import { SecretParts } from '../../util/text/secret-parts';

const PLACEHOLDER = '[token]';

/** Styles that hide nothing: bold, dim, italic, underlined and the colours except black and white. */
const STYLE = String.raw`\u001b\[(?:[0-4]|2[2-4]|3[1-69]|9[0-6])m`;
/** Marks pile up on one letter also with styles between them. */
const PILED_MARK = String.raw`(?<=(?:\p{M}(?:${STYLE})*){4})\p{M}`;
const PARTS = new RegExp(String.raw`${STYLE}|\r?\n|\t|${PILED_MARK}|${UNPRINTABLE}`, 'gu');
/** Beside the controls of C0, which move the cursor. Emoji and some scripts need the joiners. */
const UNPRINTABLE_BESIDE_C0 =
  /(?!\u200c|\u200d|[\ufe00-\ufe0f])[\u0080-\u009f\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{DI}]/gu;

/** A text for a terminal: lines, tabs, styles and printable characters. Anything else becomes its escape: `\u001b`. */
export function terminalText(text: string): string {
  return text.replace(PARTS, (part) =>
    part.length > 1 && part.charCodeAt(0) < 0x20 ? part : part.replace(/[^\t\n]/g, escapeUnit),
  );
}

/**
 * The one way to a stream, for the session and for the user's own code. It hides the token and its parts. On a terminal it
 * writes texts so that they cannot control it; a file or pipe gets the user's own output as it is. `end` writes its chunk and
 * does not end the stream, since the session goes on.
 */
export class OutputGuard {
  /** The stream for the prompt, which moves the cursor. The texts in it still cannot reorder themselves. */
  readonly controlling: NodeJS.WriteStream;
  readonly #secrets: { token: string; parts: SecretParts }[] = [];
  #encoding: BufferEncoding = 'utf8';
  #isControlling = false;

  /** @param token to be hidden */
  constructor(
    private readonly stream: NodeJS.WriteStream,
    token: string | null,
  ) {
    if (token !== null) this.hide(token);
    const write = stream.write.bind(stream) as (chunk: unknown, callback?: unknown) => boolean;
    const setDefaultEncoding = stream.setDefaultEncoding.bind(stream);
    stream.write = (chunk: unknown, ...rest: unknown[]): boolean => {
      const encoding = typeof rest[0] === 'string' ? (rest[0] as BufferEncoding) : undefined;
      return write(this.#guarded(chunk, encoding), rest.find(isFunction));
    };
    stream.end = (...args: unknown[]): NodeJS.WriteStream => {
      const [chunk, encoding] = args;
      const text = isFunction(chunk) ? '' : ((chunk ?? '') as string);
      stream.write(text, encoding as BufferEncoding, args.find(isFunction) as () => void);
      return stream;
    };
    stream.setDefaultEncoding = (encoding) => {
      setDefaultEncoding(encoding);
      this.#encoding = encoding;
      return stream;
    };
    this.controlling = new Proxy(stream, {
      get: (target, name) =>
        name === 'write'
          ? (...args: Parameters<typeof stream.write>) => this.control(() => target.write(...args))
          : (Reflect.get(target, name, target) as unknown),
    });
  }

  /** Hides another token from now on, too. */
  hide(token: string): void {
    this.#secrets.push({ token, parts: new SecretParts(token) });
  }

  /** Runs code of the session that moves the cursor. */
  control<T>(work: () => T): T {
    const before = this.#isControlling;
    this.#isControlling = true;
    try {
      return work();
    } finally {
      this.#isControlling = before;
    }
  }

  /** In bytes, which no default encoding changes. */
  #guarded(chunk: unknown, encoding = this.#encoding): unknown {
    const bytes = bytesOf(chunk, encoding);
    if (bytes === null) return chunk;
    const shown = this.#withoutToken(bytes);
    if (!this.stream.isTTY) return shown;
    const text = shown.toString();
    return Buffer.from(this.#isControlling ? text.replace(UNPRINTABLE_BESIDE_C0, '') : terminalText(text));
  }

  /** Bytes for a file need not be text: as Latin-1, each is a character and stays what it is. */
  #withoutToken(bytes: Buffer): Buffer {
    if (this.#secrets.length === 0) return bytes;
    const text = bytes.toString('latin1');
    let hidden = text;
    for (const { token, parts } of this.#secrets)
      hidden = parts.hide(hidden.replaceAll(token, PLACEHOLDER), PLACEHOLDER);
    return hidden === text ? bytes : Buffer.from(hidden, 'latin1');
  }
}

/** `null` for what is neither text nor bytes: a stream refuses it. */
function bytesOf(chunk: unknown, encoding: BufferEncoding): Buffer | null {
  if (typeof chunk === 'string') return Buffer.from(chunk, encoding);
  return ArrayBuffer.isView(chunk) ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) : null;
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}
