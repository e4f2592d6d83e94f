import { beginsWithImport } from './import-lines';

/** Replaces line breaks inside a joined line: a readline passes it through, and no source text contains it. */
const JOINT = '\0';

const LINE = /[^\r\n]*(?:\r\n|[\r\n])|[^\r\n]+$/g;
/** Continues a chain of calls, an `if` or a `try`. */
const CONTINUED = /^(?:[ \t]+\??\.|[ \t]*(?:else|catch|finally)\b)/;
/** May be between the lines of a chain. */
const BLANK_OR_COMMENT = /^[ \t]*(?:\/\/[^\r\n]*)?[\r\n]/;
/** A comment alone in its line, or after a closing brace, which can become one that more code follows. */
const NOTE = /^([ \t]*(?:\}[ \t]*)?)\/\/((?:(?!\*\/)[^\r\n])*)$/gm;
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

/** A terminal echoes its input, so lines that belong together become one plain line, where that changes nothing. */
export function typedLines(text: string): string[] {
  return statements(text).map((line) => {
    if (!/[\r\n]./.test(line) || /\/\/|`/.test(line.replace(NOTE, '$1'))) return line;
    return line
      .replace(NOTE, '$1/*$2 */')
      .replace(/(?:\r\n|[\r\n])[ \t]+(?=\??\.)/g, '')
      .replace(/(?:\r\n|[\r\n])\s*(?=\/\*|(?:else|catch|finally)\b)/g, ' ');
  });
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
