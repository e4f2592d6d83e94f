import { beginsWithImport } from './import-lines';
import { sourceParts } from './source-parts';

/** Replaces line breaks inside a joined line: a readline passes it through, and no source text contains it. */
const JOINT = '\0';

const LINE = /[^\r\n]*(?:\r\n|[\r\n])|[^\r\n]+$/g;
/** Continues a chain of calls, an `if` or a `try`. */
const CONTINUED = /^(?:[ \t]+\??\.|[ \t]*(?:else|catch|finally)\b)/;
/** May be between the lines of a chain. */
const BLANK_OR_COMMENT = /^[ \t]*(?:\/\/[^\r\n]*)?[\r\n]/;
/** Blanks before what continues a chain, an `if` or a `try`; neither `...` nor `.5` continues a chain. */
const BEFORE_CONTINUED = /(?<=\S)\s+(?=\??\.(?![.\d])|else\b)|(?<=\})\s+(?=(?:catch|finally)\b)/g;
const BLOCK_COMMENT = /^[ \t]*\/\*/;
const COMMENTS =
  /^(?:\s|\/\/[^\r\n]*(?![^\r\n])|\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\/)*(\/\*[^*]*(?:\*(?!\/)[^*]*)*)?$/;

/**
 * Lines of a script. One with the lines after it that continue a chain of calls, an `if` or a `try` is joined, and so is a
 * block comment.
 * @param isFile whether it is a file: one that begins with an import is a program, and all of it is one line
 */
export function scriptLines(text: string, isFile = false): string[] {
  const script = text.replace(/^#!.*/, '');
  const lines = isFile && beginsWithImport(script) ? [script] : joinComments(statements(script));
  return lines.map((line) => {
    const end = /[\r\n]+$/.exec(line)?.index ?? line.length;
    return line.slice(0, end).replace(/\r\n|[\r\n]/g, JOINT) + line.slice(end);
  });
}

/**
 * Lines for a terminal, which echoes its input: what continues a chain of calls, an `if` or a `try` is put on the same line,
 * without the comments in between. Strings, templates and other comments stay as they are.
 * @param before the code so far, if the text begins within a statement
 */
export function typedLines(text: string, before = ''): string[] {
  return (/[\r\n]./.test(text) ? withoutJoints(before + text, before.length) : text).match(LINE) ?? [];
}

/** The source from an offset on. */
function withoutJoints(source: string, from: number): string {
  const masked = maskedSource(source);
  let result = '';
  let at = from;
  for (const { 0: blanks, index } of masked.matchAll(BEFORE_CONTINUED)) {
    const end = index + blanks.length;
    const isChain = !/[ecf]/.test(masked[end] ?? '');
    // A line that begins with a dot is a command.
    if (index < from || !/[\r\n]/.test(blanks) || (isChain && !/[ \t]$/.test(blanks))) continue;
    // The dot after the digits of a number would be a part of it.
    const joint = isChain && !/\d/.test(masked[index - 1] ?? '') ? '' : ' ';
    result += source.slice(at, index) + joint;
    at = end;
  }
  return result + source.slice(at);
}

/** As long as the source, with blanks in place of comments, and without the text of strings and templates. */
function maskedSource(source: string): string {
  let masked = '';
  for (const { kind, start, end } of sourceParts(source))
    masked += source.slice(masked.length, start) + (kind === 'comment' ? ' ' : '_').repeat(end - start);
  return masked + source.slice(masked.length);
}

/** Restores the line breaks of a joined line. */
export function splitJoined(line: string): string {
  return line.replaceAll(JOINT, '\n');
}

/** Whether code has only comments, so that there is nothing to run: `'open'` when the last one has no end. */
export function commentsOnly(code: string): 'open' | 'closed' | null {
  const found = COMMENTS.exec(code);
  return found && (found[1] === undefined ? 'closed' : 'open');
}

/** Read from the end, where it is known whether a chain continues: each line is looked at once. */
function statements(text: string): string[] {
  const joined: string[][] = [];
  let continues = false;
  for (const line of (text.match(LINE) ?? []).reverse()) {
    if (continues) joined.at(-1)?.push(line);
    else joined.push([line]);
    continues = CONTINUED.test(line) || (continues && BLANK_OR_COMMENT.test(line));
  }
  return joined.map((lines) => lines.reverse().join('')).reverse();
}

function joinComments(lines: readonly string[]): string[] {
  const joined: string[] = [];
  let unclosed = false;
  for (let at = 0; at < lines.length; at++) {
    let line = lines[at] ?? '';
    if (BLOCK_COMMENT.test(line) && !unclosed && !line.includes('*/', line.indexOf('/*') + 2)) {
      let end = at + 1;
      while (end < lines.length && !lines[end]?.includes('*/')) end++;
      unclosed = end >= lines.length;
      if (!unclosed) {
        line = lines.slice(at, end + 1).join('');
        at = end;
      }
    }
    joined.push(line);
  }
  return joined;
}
