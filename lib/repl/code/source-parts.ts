/** A part of source text that is no code: in it, blanks, quotes and slashes mean nothing. */
export interface SourcePart {
  /** `unknown` where code can be read in two ways, and all after it. */
  kind: 'comment' | 'string' | 'template' | 'regexp' | 'unknown';
  /** Of a template, each text between its quotes and substitutions is a part; the others have their delimiters. */
  start: number;
  end: number;
  /** Whether it has no end. */
  isOpen: boolean;
}

/** The parts of JavaScript and TypeScript. All are sticky. */
const SPACE = /\s+/y;
const COMMENT = /\/\*[^]*?(?:\*\/|$)|\/\/[^\r\n\u2028\u2029]*/y;
const WORD = /[\p{ID_Continue}$#\u200c\u200d]+/uy;
const STRING = /(['"])(?:\\(?:\r\n|[^])|(?!\1)[^\\\r\n])*(\1?)/y;
const REGEXP = /\/(?:\\.|\[(?:\\.|[^\]\\\r\n])*\]|[^/\\[\r\n])+\/\w*/y;
const TEMPLATE_TEXT = /(?:[^`\\$]+|\\[^]|\$(?!\{))*/y;
/** Comments that only scripts have. */
const OTHER_COMMENT = /<!--|-->|#!/y;
const ARROW = /=>/y;

/** What stands before a regular expression; before a division stands a value. */
const BEFORE_REGEXP = /^(?:=>|[(,=:[&|?;{*%<~^]?)$/;
const VALUE = /^(?:[\p{ID_Continue}$]+|['"`\]])$/u;
const KEYWORD = /^(?:await|case|delete|do|else|extends|in|instanceof|new|of|return|throw|typeof|void|yield)$/;
/** No part begins or ends in this one, whether it is a regular expression or what two divisions have between them. */
const READS_EQUALLY = /^\/(?:\{[\d,]*\}|\\\/(?![/*])|\\[^'"`{}/]|[^'"`{}\\/])+\/\w*$/;
/** What follows on the same line, with its end: a slash that begins no regular expression here is a division. */
const LINE_WITH_END = /[^\r\n]*[\r\n]/y;

/** The parts of source text that are no code, in their order. */
export function* sourceParts(source: string): Generator<SourcePart> {
  const nesting: ('{' | '${' | '`')[] = [];
  let at = 0;
  let last = '';
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(source);
    if (found) at = pattern.lastIndex;
    return found;
  };
  const part = (kind: SourcePart['kind'], start: number, isOpen = false): SourcePart => ({
    kind,
    start,
    end: at,
    isOpen,
  });
  const unknown = (start: number): SourcePart => ({ ...part('unknown', start, true), end: source.length });
  while (at < source.length) {
    const start = at;
    if (nesting.at(-1) === '`') {
      take(TEMPLATE_TEXT);
      // A backslash without the character after it.
      if (source[at] === '\\') at += 1;
      yield part('template', start, at === source.length);
      if (at === source.length) return;
      last = source[at] === '`' ? '`' : '{';
      if (last === '`') nesting.pop();
      else nesting.push('${');
      at += last === '`' ? 1 : 2;
      continue;
    }
    if (take(SPACE)) continue;
    const comment = take(COMMENT)?.[0];
    if (comment !== undefined) {
      const isClosed = comment.startsWith('/*')
        ? comment.length > 3 && comment.endsWith('*/')
        : at < source.length;
      yield part('comment', start, !isClosed);
      continue;
    }
    if (take(OTHER_COMMENT)) {
      yield unknown(start);
      return;
    }
    const string = take(STRING);
    if (string) {
      yield part('string', start, string[2] === '');
      last = string[1] ?? '';
      continue;
    }
    const word = take(WORD) ?? take(ARROW);
    if (word) {
      last = word[0];
      continue;
    }
    const char = source[at] ?? '';
    if (char === '/') {
      const { kind, end } = slashAt(source, start, last);
      if (kind === 'unknown') {
        yield unknown(start);
        return;
      }
      at = end;
      if (kind === 'regexp') yield part('regexp', start);
      last = kind === 'division' ? '/' : ']';
      continue;
    }
    if (char === '`') nesting.push('`');
    else if (char === '{') nesting.push('{');
    else if (char === '}') nesting.pop();
    at += 1;
    last = char;
  }
  if (nesting.at(-1) === '`') yield part('template', at, true);
}

/** What a slash is the beginning of; `either`, where it does not matter. */
interface Slash {
  kind: 'division' | 'regexp' | 'either' | 'unknown';
  end: number;
}

/** Reads a slash that begins no comment. @param last what stands before it */
function slashAt(source: string, start: number, last: string): Slash {
  const division: Slash = { kind: 'division', end: start + 1 };
  if (VALUE.test(last) && !KEYWORD.test(last)) return division;
  REGEXP.lastIndex = LINE_WITH_END.lastIndex = start;
  const text = REGEXP.exec(source)?.[0];
  const isRegexp = BEFORE_REGEXP.test(last);
  const unknown: Slash = { kind: 'unknown', end: source.length };
  if (text === undefined) return !isRegexp && LINE_WITH_END.test(source) ? division : unknown;
  const end = start + text.length;
  if (isRegexp) return { kind: 'regexp', end };
  return READS_EQUALLY.test(text) && !/[/*]/.test(source[end] ?? '') ? { kind: 'either', end } : unknown;
}
