import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** How much of a problem the results keep, and the page shows, in characters. */
const [MAX_KEPT, MAX_SHOWN] = [2_000, 200];

/** What compilers, runtimes and test runners write before a reason: `TypeError: …`, `error TS2345: …`, `[ERROR] …`. */
const REASON = /error(?: TS\d+| \[\w+\])?:|\[ERROR\]/i;

const ROOT = join(__dirname, '..', '..');
const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * What an error says, to be published: its start, without the folders of this machine.
 * @param folder the folder with the user's projects
 */
export function problemOf(error: unknown, folder: string): string {
  const text = stripVTControlCharacters(error instanceof Error ? error.message : String(error));
  // The longest first: one may be inside another.
  const folders = [folder, ROOT, tmpdir(), homedir()].sort((a, b) => b.length - a.length);
  const any = folders.map(escaped).join('|');
  const path = `(?<![\\w.-])(?:file://)?(?:${any})(?:/(?:project|doapi-ts-bundle)-\\w{6})?(/|(?![\\w.-]))`;
  const short = text.replaceAll(new RegExp(path, 'g'), (_, slash: string) => (slash === '' ? '.' : ''));
  return cut(short.trim(), MAX_KEPT);
}

/** The line of a problem that says why; where none does, the first. */
export function reasonIn(problem: string): string {
  const lines = problem.split('\n').map((line) => line.trim());
  return cut(lines.find((line) => REASON.test(line)) ?? lines[0] ?? '', MAX_SHOWN);
}

const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`;
