import { escapeUnit, escapeUnprintable } from '../../util/text/sanitize';
import { sourceParts } from '../code/source-parts';

/** A string literal that ends at the cursor without its closing quote. */
interface OpenString {
  quote: string;
  /** Its source so far. */
  source: string;
}

/**
 * The string that the cursor is in, when the code ends there.
 * @returns `null` outside of strings, in comments, and where code can be read in two ways
 */
export function openString(code: string): OpenString | null {
  for (const { kind, start, end, isOpen } of sourceParts(code)) {
    if (!isOpen) continue;
    if (end < code.length) return null;
    if (kind === 'string') return { quote: code[start] ?? '', source: code.slice(start + 1) };
    const source = code.slice(start);
    // The text after a substitution is not the beginning of a name, and a backslash alone is no text.
    if (kind === 'template' && code[start - 1] === '`' && !ENDS_IN_ESCAPE.test(source))
      return { quote: '`', source };
  }
  return null;
}

/** A backslash without the character after it. */
const ENDS_IN_ESCAPE = /(?<!\\)(?:\\\\)*\\$/;
const ESCAPE = /\\(?:u([\da-fA-F]{4})|([nrt])|([^\da-zA-Z\r\n]))/gu;
const CONTROL_ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** The text of a string literal; `null` for escapes that `stringSource` does not write, since they are rare. */
export function stringText(source: string): string | null {
  const text = source.replace(ESCAPE, (_, hex?: string, control?: string, char?: string): string =>
    hex ? String.fromCharCode(parseInt(hex, 16)) : control ? (CONTROL_ESCAPES[control] ?? '') : (char ?? ''),
  );
  return source.replace(ESCAPE, '').includes('\\') ? null : text;
}

/** A text as a part of a string literal: it ends none, whichever quotes it has, and is no code in a template. */
export function stringSource(text: string): string {
  const quoted = text
    .replace(/[\\'"`${}]|(?<=\*)\//g, '\\$&')
    .replace(/^\p{M}+/u, (marks) => marks.replace(/[^]/g, escapeUnit));
  return escapeUnprintable(quoted).replace(/[\t\r\n]/g, escapeUnit);
}
