import type { AsyncCompleter, CompleterResult } from 'node:readline';
import type { Session } from '../session/session';
import { doctlContexts } from '../setup/doctl';
import { printable } from '../../util/text/sanitize';
import type { CompletionIndex, WordKind } from './completion-index';
import { isInternal } from './internal-names';
import { openString, stringSource, stringText } from './open-string';
import { PLAN_WORDS } from './plan-words';

/** A command that takes the name of something. */
const COMMAND = /^\.(images?|droplets?|snapshots|wait)\s+(.*)$/;

/** Commands that take one of a few words. */
const CHOICES: Readonly<Record<string, () => readonly string[]>> = {
  context: contextNames,
  readonly: () => ['on', 'off'],
  wire: () => ['on', 'off'],
};
const CHOICE = new RegExp(`^\\.(${Object.keys(CHOICES).join('|')})\\s+(.*)$`);

/** Those of doctl; none when its configuration cannot be read, which the command itself says. */
function contextNames(): readonly string[] {
  try {
    return doctlContexts().names.filter(isPrintable);
  } catch {
    return [];
  }
}

/** The command that takes options, and the one that is being typed. */
const PLAN = /^\.plan\s+(?:.*\s)?(\S*)$/;

/** Node's completer, which may be synchronous or not. */
type NodeCompleter = (this: object, line: string, callback: Parameters<AsyncCompleter>[1]) => unknown;

const isPrintable = (text: string): boolean => printable(text) === text;

/** Completes words of the index inside strings and after commands; Node completes everything else. */
export function addCompletion(session: Session, index: CompletionIndex): void {
  const { server } = session;
  const nodeCompleter: NodeCompleter = server.completer;
  const completer: AsyncCompleter = (line, callback) => {
    const completed = completeWord(line, session.openCode, index);
    if (completed) callback(null, completed);
    else
      nodeCompleter.call(server, line, (error, result) =>
        callback(
          error,
          result && [result[0].filter((match) => isPrintable(match) && !isInternal(match)), result[1]],
        ),
      );
  };
  Object.defineProperty(server, 'completer', { value: completer, configurable: true, writable: true });
}

/** Where a string is a region or a size: `transfer('`, `replicate(['nyc1', '`, `{ region: '`. */
const PLACES: readonly (readonly [WordKind, RegExp])[] = [
  [
    'region',
    /(?:\.transfer\(|\.replicate\(\s*\[[^[\]()]*|\bregion['"]?:|\bregions['"]?:\s*(?:\[[^[\]()]*)?|\.fetchRegion\()\s*$/,
  ],
  ['size', /\b(?:size['"]?:|\.resize\()\s*$/],
];

function kindAt(before: string): WordKind | undefined {
  return PLACES.find(([, pattern]) => pattern.test(before))?.[0];
}

/**
 * Completes a word. In a string it is the source of a literal; outside of strings no word is code.
 * @param openCode the lines before this one, in the same statement
 * @returns `null` where only code can be
 */
export function completeWord(line: string, openCode: string, index: CompletionIndex): CompleterResult | null {
  const [, command, argument] = COMMAND.exec(line) ?? [];
  if (argument !== undefined) {
    const takesId = (command === 'image' || command === 'droplet') && /^\d+$/.test(argument);
    const ids = takesId ? index.idsStartingWith(command, argument) : [];
    // A command takes a name as it is.
    return [[...ids, ...index.startingWith(argument).filter(isPrintable)], argument];
  }
  const [, chooser = '', start] = CHOICE.exec(line) ?? [];
  if (start !== undefined)
    return [(CHOICES[chooser]?.() ?? []).filter((word) => word.startsWith(start)), start];
  const [, option] = PLAN.exec(line) ?? [];
  if (option !== undefined) return [PLAN_WORDS.filter((word) => word.startsWith(option)), option];
  const string = openString(openCode + line);
  const text = string && stringText(string.source);
  if (!string || text === null) return null;
  const { quote, source } = string;
  const before = (openCode + line).slice(0, -(quote.length + source.length));
  const matches = index
    .startingWith(text, kindAt(before))
    .map((word) => source + stringSource(word.slice(text.length)) + quote);
  return [matches, source];
}
