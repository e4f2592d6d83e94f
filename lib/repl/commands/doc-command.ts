import { runInThisContext } from 'node:vm';
import type { Screen } from '../show/style';
import { wrap } from '../show/text-layout';
import { printable } from '../../util/text/sanitize';
import type { CommandContext } from './command';
import { type Declared, Declarations } from './declarations';
import { required } from './find-resources';

/** Prints the signature and docstring of what an expression names. It evaluates nothing but the name of a variable. */
export function printDoc({ engine, screen, print }: CommandContext, argument: string): void {
  const expression = required(argument, '.doc <expression>, such as .doc image.transfer');
  // The compiler knows other names, too, such as those of the session's own lines.
  const doc = declaredFor(expression, new Declarations()) ?? engine.docOf(expression);
  print(docText(doc, expression, screen));
}

/** A step of an expression: a name, perhaps called. */
const STEP = /^\.?([\w$]+)(?:\((?:[^()]|\([^()]*\))*\))?/;

/** What the library declares for an expression, such as `image.transfer` or `(await api.fetchImage(5)).transfer`. */
export function declaredFor(
  expression: string,
  declarations: Declarations,
  classOf: (variable: string) => string | null = classOfVariable,
): Declared | null {
  const steps: string[] = [];
  let rest = expression.replace(/\bawait\s+/g, '').replace(/^\(+(?=[\w$])/, '');
  for (;;) {
    // A bracket around what was awaited.
    rest = rest
      .trim()
      .replace(/^\)+(?=\.|$)/, '')
      .replace(/^\.+$/, '');
    const [text, name] = STEP.exec(rest) ?? [];
    if (text === undefined || name === undefined) break;
    steps.push(name);
    rest = rest.slice(text.length);
  }
  const [first, ...members] = steps;
  if (rest !== '' || first === undefined) return null;
  // Without such a variable, `droplet` is any Droplet.
  const type = [classOf(first), first, capitalized(first)].find(
    (name) => name !== null && declarations.find(name),
  );
  let declared = type ? declarations.find(type) : null;
  let at = type ?? null;
  for (const member of members) {
    declared = at === null ? null : declarations.find(at, member);
    if (declared === null) return null;
    at = typeAfter(declared.signature);
  }
  return declared;
}

function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** The type of what a signature returns or holds, as a name; `null` for anything else. */
function typeAfter(signature: string): string | null {
  const [, type = ''] = /^(?:[^(]*\([^]*\)|[^(:]*): (.+)$/m.exec(signature) ?? [];
  const plain = type
    .replace(/^Promise<(.*)>$/, '$1')
    .replace(/ \| null$/, '')
    .replace(/<.*>$/, '');
  const [, resource] = /^Resources\['(\w+)'\]$/.exec(plain) ?? [];
  if (resource !== undefined) return capitalized(resource);
  return /^[\w$]+$/.test(plain) ? plain : null;
}

/** The name of the class of a variable; `null` for what has none. */
function classOfVariable(variable: string): string | null {
  try {
    const value: unknown = runInThisContext(variable);
    const isObject = typeof value === 'object' && value !== null;
    const name = isObject ? (value as { constructor?: { name?: unknown } }).constructor?.name : null;
    return typeof name === 'string' ? name : null;
  } catch {
    // There is no such variable.
    return null;
  }
}

function docText(doc: Declared | null, expression: string, { paint, columns }: Screen): string {
  if (!doc)
    return `${wrap(`Nothing is known of ${printable(expression)}: .doc takes an expression such as image.transfer, or a type such as ActOptions.`, columns)}\n`;
  const signature = doc.signature.split('\n').map((line) => wrap(printable(line), columns, '  '));
  // A line of code stays a line.
  const comment = paragraphs(doc.comment).map((line) =>
    line.startsWith('  ') ? printable(line) : wrap(printable(line), columns, /^[@-]/.test(line) ? '  ' : ''),
  );
  return `${paint('cyan', signature.join('\n'))}\n${comment.length > 0 ? `${comment.join('\n')}\n` : ''}`;
}

/** The lines of a docstring, with those of a paragraph in one; examples stay as they are. */
export function paragraphs(comment: string): string[] {
  const lines: string[] = [];
  let isCode = false;
  let continues = false;
  for (const line of comment.replace(/\{@link (\w+)\}/g, '$1').split('\n')) {
    const isFence = line.startsWith('```');
    if (isFence) isCode = !isCode;
    if (isFence) continues = false;
    else if (isCode) lines.push(`  ${line}`);
    else if (continues && !/^(?:@|\s*- |$)/.test(line)) lines.push(`${lines.pop() ?? ''} ${line.trim()}`);
    else lines.push(line.trim());
    if (!isFence) continues = !isCode && line !== '';
  }
  return comment === '' ? [] : lines;
}
