import { escapeUnit, escapeUnprintable } from '../../util/text/sanitize';

/** A string literal that ends at the cursor without its closing quote. */
interface OpenString {
  quote: string;
  /** Its source so far. */
  source: string;
}

/** The parts of JavaScript outside of templates. All are sticky. */
const BLANK = /(?:\s|\/\*[^]*?\*\/|\/\/.*(?=[\r\n]))+/y;
const WORD = /[\p{ID_Continue}$#\u200c\u200d]+/uy;
const STRING = /(['"])((?:\\[^]|(?!\1)[^\\\r\n])*)(\1?)/y;
const REGEXP = /\/(?:\\.|\[(?:\\.|[^\]\\\r\n])*\]|[^/\\[\r\n])+\/\w*/y;
const TEMPLATE_TEXT = /(?:\\[^]|(?!\$\{)[^`\\])*/y;
/** Comments that are not closed, and those that only scripts have. */
const OTHER_COMMENT = /\/\/|\/\*|<!--|-->|#!/y;

/** What stands before a regular expression; before a division stands a value. */
const BEFORE_REGEXP = /^[(,=:[&|?;{*%<~^]?$/;
const VALUE = /^(?:[\p{ID_Continue}$]+|['"`\]])$/u;
const KEYWORD = /^(?:await|case|delete|do|else|extends|in|instanceof|new|of|return|throw|typeof|void|yield)$/;

/**
 * The string that the cursor is in, when the code ends there.
 * @returns `null` outside of strings, in comments, and where code can be read in two ways
 */
export function openString(code: string): OpenString | null {
  const nesting: ('{' | '${' | '`')[] = [];
  let at = 0;
  let last = '';
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(code);
    if (found) at = pattern.lastIndex;
    return found;
  };
  while (at < code.length) {
    if (nesting.at(-1) === '`') {
      const start = at;
      take(TEMPLATE_TEXT);
      // The text after a substitution is not the beginning of a name.
      if (at === code.length)
        return code[start - 1] === '`' ? { quote: '`', source: code.slice(start) } : null;
      // A backslash without the character after it.
      if (code[at] === '\\') return null;
      last = code[at] === '`' ? '`' : '{';
      if (last === '`') nesting.pop();
      else nesting.push('${');
      at += last === '`' ? 1 : 2;
      continue;
    }
    if (take(BLANK)) continue;
    if (take(OTHER_COMMENT)) return null;
    const string = take(STRING);
    if (string) {
      const [, quote = '', source = '', end] = string;
      if (end === '') return at === code.length ? { quote, source } : null;
      last = quote;
      continue;
    }
    const word = take(WORD);
    if (word) {
      last = word[0];
      continue;
    }
    const char = code[at] ?? '';
    if (char === '/') {
      const isValue = VALUE.test(last) && !KEYWORD.test(last);
      if (!isValue && !(BEFORE_REGEXP.test(last) && take(REGEXP))) return null;
      if (!isValue) {
        last = ']';
        continue;
      }
    } else if (char === '`') nesting.push('`');
    else if (char === '{') nesting.push('{');
    else if (char === '}') nesting.pop();
    at += 1;
    last = char;
  }
  return nesting.at(-1) === '`' && code.endsWith('`') ? { quote: '`', source: '' } : null;
}

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
