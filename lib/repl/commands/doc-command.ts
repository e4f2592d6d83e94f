import { runInThisContext } from 'node:vm';
import type { Engine } from '../session/engine';
import type { Screen } from '../show/style';
import { wrap } from '../show/text-layout';
import { printable } from '../../util/text/sanitize';
import type { Command, CommandContext } from './commands';
import { type Declared, Declarations } from './declarations';
import { required } from './find-resources';

/** `.doc`: the signature and docstring of what an expression names. It evaluates nothing but the name of a variable. */
export function docCommand({ engine, screen, print }: CommandContext): Command {
  let declarations: Declarations | null = null;
  return {
    name: 'doc',
    usage: '<expression>',
    help: 'prints signature and documentation: .doc image.transfer, .doc ActOptions',
    run: (argument) => {
      const expression = required(argument, '.doc <expression>, such as .doc image.transfer');
      declarations ??= new Declarations();
      print(
        docText(declaredFor(expression, declarations) ?? otherwise(engine, expression), expression, screen),
      );
    },
  };
}

/** A step of an expression: a name, perhaps called. */
const STEP = /^\.?([\w$]+)(?:\((?:[^()]|\([^()]*\))*\))?/;

/** What the library declares for an expression, such as `image.transfer` or `(await api.fetchImage(5)).transfer`. */
export function declaredFor(
  expression: string,
  declarations: Declarations,
  classOf: (variable: string) => readonly string[] = classesOf,
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
  const own = classOf(first).find((name) => declarations.find(name) !== null);
  // Without such a variable, `droplet` is any Droplet.
  let type: string | null =
    own ?? (declarations.find(first) ? first : `${first[0]?.toUpperCase()}${first.slice(1)}`);
  let declared =
    own === undefined && members.length === 0 ? declarations.find(first) : declarations.find(type);
  for (const member of members) {
    declared = type === null ? null : declarations.find(type, member);
    if (declared === null) return null;
    type = typeAfter(declared.signature);
  }
  return declared;
}

/** The type of what a signature returns or holds, as a name; `null` for anything else. */
function typeAfter(signature: string): string | null {
  const [, type = ''] = /^(?:[^(]*\([^]*\)|[^(:]*): (.+)$/m.exec(signature) ?? [];
  const plain = type
    .replace(/^Promise<(.*)>$/, '$1')
    .replace(/ \| null$/, '')
    .replace(/<.*>$/, '');
  const [, resource] = /^Resources\['(\w+)'\]$/.exec(plain) ?? [];
  if (resource !== undefined) return `${resource[0]?.toUpperCase()}${resource.slice(1)}`;
  return /^[\w$]+$/.test(plain) ? plain : null;
}

/** The names of the classes of a variable, the nearest first. */
function classesOf(variable: string): string[] {
  const names: string[] = [];
  try {
    let at: unknown = runInThisContext(variable);
    if (typeof at === 'function') return [];
    while (typeof at === 'object' && at !== null) {
      at = Object.getPrototypeOf(at);
      const name = (at as { constructor?: { name?: unknown } } | null)?.constructor?.name;
      if (typeof name === 'string') names.push(name);
    }
  } catch {
    // There is no such variable.
  }
  return names;
}

/** What the compiler knows of other names, such as those of the session's own lines. */
function otherwise(engine: Engine, expression: string): Declared | null {
  return engine.docOf(expression);
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
