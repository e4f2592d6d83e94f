import { escapeUnit, UNPRINTABLE } from '../../util/text/sanitize';

/** Styles that hide nothing: bold, dim, italic, underlined and the colours except black and white. */
const STYLE = String.raw`\u001b\[(?:[0-4]|2[2-4]|3[1-69]|9[0-6])m`;
const PARTS = new RegExp(String.raw`${STYLE}|\r?\n|\t|${UNPRINTABLE}`, 'gu');
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
 * The one way to a stream, for the session and for the user's own code. It hides the token. On a terminal it writes
 * texts so that they cannot control it; a file or pipe gets the user's own output as it is.
 */
export class OutputGuard {
  /** The stream for the prompt, which moves the cursor. The texts in it still cannot reorder themselves. */
  readonly controlling: NodeJS.WriteStream;
  #isControlling = false;

  /** @param token to be hidden */
  constructor(
    private readonly stream: NodeJS.WriteStream,
    private readonly token: string | null,
  ) {
    const write = stream.write.bind(stream) as (chunk: unknown, callback?: unknown) => boolean;
    stream.write = (chunk: unknown, ...rest: unknown[]): boolean => {
      const encoding = typeof rest[0] === 'string' ? (rest[0] as BufferEncoding) : undefined;
      return write(
        this.#guarded(chunk, encoding),
        rest.find((one) => typeof one === 'function'),
      );
    };
    this.controlling = new Proxy(stream, {
      get: (target, name) =>
        name === 'write'
          ? (...args: Parameters<typeof stream.write>) => this.control(() => target.write(...args))
          : (Reflect.get(target, name, target) as unknown),
    });
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

  #guarded(chunk: unknown, encoding: BufferEncoding = 'utf8'): unknown {
    if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) return chunk;
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : Buffer.from(chunk);
    const holdsToken = this.token !== null && bytes.includes(this.token);
    // Bytes for a file need not be text.
    if (!this.stream.isTTY && !holdsToken) return bytes;
    const text = bytes.toString();
    const shown = this.token === null ? text : text.replaceAll(this.token, '[token]');
    if (!this.stream.isTTY) return shown;
    return this.#isControlling ? shown.replace(UNPRINTABLE_BESIDE_C0, '') : terminalText(shown);
  }
}
