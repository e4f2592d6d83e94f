/**
 * `npm run matrix`: tries every fault on every operation, over real sockets, and writes the table in
 * docs/reliability.md. `npm run matrix -- F11 F36` tries these rows only, prints details and writes nothing.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type Cell, tryCell, tryRow } from './fault-matrix/cell';
import type { Expectation, Fault } from './fault-matrix/fault';
import { FAULTS } from './fault-matrix/faults';
import { TEN_MIB_IN_BYTES } from './fault-matrix/faults-content';
import { OPERATIONS } from './fault-matrix/operations';

const DOCUMENT = join(__dirname, '..', 'docs', 'reliability.md');
const [BEGIN, END] = ['<!-- matrix: written by `npm run matrix` -->', '<!-- end of the matrix -->'];

async function main(): Promise<void> {
  const chosen = process.argv.slice(2);
  const faults = FAULTS.filter(({ code }) => chosen.length === 0 || chosen.includes(code));
  const began = performance.now();
  const cells: Cell[] = [];
  for (const fault of faults) {
    const row = await tryRow(fault, OPERATIONS);
    cells.push(...row);
    process.stdout.write(`${fault.code} ${fault.name}${row.some(isBad) ? ': does not hold' : ''}\n`);
    for (const cell of chosen.length > 0 ? row : row.filter(isBad)) print(cell);
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  const summary = summarise(cells, seconds);
  if (chosen.length === 0) {
    const heavy = await measure([
      ...FAULTS.filter(({ code }) => code >= 'F55' && code <= 'F59'),
      TEN_MIB_IN_BYTES,
    ]);
    const text = [summary, '', table(cells), '', notes(cells), '', heavy].join('\n');
    console.log(`\n${text}`);
    write(text);
  } else {
    console.log(summary);
  }
  if (cells.some(isBad)) process.exitCode = 1;
}

const isBad = ({ problems }: Cell): boolean => problems.length > 0;

function print({ operation, expectation, cannot, seen, problems }: Cell): void {
  const what = seen
    ? `${expectation ?? ''}: ${seen.outcome}, sent ${seen.tries}, reached ${seen.reached}, carried out ${seen.executed}, ${Math.round(seen.elapsed)} ms`
    : `cannot occur: ${cannot ?? ''}`;
  console.log(`  ${operation.name.padEnd(20)}${what}`);
  for (const problem of problems) console.log(`    ! ${problem}`);
}

function summarise(cells: readonly Cell[], seconds: string): string {
  const good = cells.filter((cell) => !isBad(cell)).length;
  const impossible = cells.filter(({ cannot }) => cannot !== null).length;
  const checks = cells.reduce((sum, { leakChecks }) => sum + leakChecks, 0);
  return (
    `**${good} of ${cells.length}** cells hold, ${impossible} of them because they cannot occur. ` +
    `The token was looked for in ${checks.toLocaleString('en')} places and found in ${leaks(cells)}. ` +
    `The run took ${seconds} s.`
  );
}

function leaks(cells: readonly Cell[]): string {
  const found = cells
    .flatMap(({ problems }) => problems)
    .filter((one) => one.includes('the token is in')).length;
  return found === 0 ? 'none' : String(found);
}

/** The number of polls in a hundred seconds, and of pages that are read ahead, depends on chance. */
const UNCOUNTED: ReadonlySet<unknown> = new Set<Expectation>(['goes on', 'gives up', 'ends']);

/** The text of a cell: what is expected, and requests sent / received by the API / carried out. */
function show({ seen, expectation, problems }: Cell): string {
  if (!seen) return '–';
  const counts = `${seen.tries}/${seen.reached}/${seen.executed}`;
  const text = `${expectation ?? ''}${UNCOUNTED.has(expectation) ? '' : ` ${counts}`}`;
  return problems.length > 0 ? `**! ${text}**` : text;
}

function table(cells: readonly Cell[]): string {
  const head = ['fault', ...OPERATIONS.map(({ name }) => name)];
  const rows = FAULTS.map((fault) => [
    `${fault.code} ${fault.name}`,
    ...cells.filter((cell) => cell.fault === fault).map(show),
  ]);
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function notes(cells: readonly Cell[]): string {
  const reasons = new Map<string, Set<string>>();
  for (const { fault, cannot } of cells)
    if (cannot !== null) reasons.set(cannot, (reasons.get(cannot) ?? new Set()).add(fault.code));
  const lines = [...reasons].map(([reason, codes]) => `- ${[...codes].join(', ')}: ${reason}.`);
  return ['Cells with a dash cannot occur:', '', ...lines].join('\n');
}

/** More memory than this for one response is a failure, in MB: it takes the copies that the server makes, too. */
const MAX_MEMORY = 1_024;

/** Measures memory and event loop delay of large responses, one at a time. */
async function measure(faults: readonly Fault[]): Promise<string> {
  const [operation] = OPERATIONS.filter(({ name }) => name === 'get by id');
  const lines = [
    '| heavy response | memory | longest block of the event loop, server and client together |',
    '| --- | --- | --- |',
  ];
  for (const fault of faults) {
    if (!operation) break;
    const [before, peak] = [process.memoryUsage().rss, peakMemory()];
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    await tryCell(fault, operation);
    delay.disable();
    const most = peakMemory() > peak ? peakMemory() : process.memoryUsage().rss;
    const grown = Math.max(0, (most - before) / 2 ** 20);
    if (grown > MAX_MEMORY) {
      console.log(`${fault.name}: ${grown.toFixed(0)} MB of memory`);
      process.exitCode = 1;
    }
    lines.push(`| ${fault.name} | +${grown.toFixed(0)} MB | ${(delay.max / 1e6).toFixed(0)} ms |`);
  }
  return lines.join('\n');
}

/** The most memory that the process has had, in bytes. */
const peakMemory = (): number => process.resourceUsage().maxRSS * 1024;

function write(text: string): void {
  const document = readFileSync(DOCUMENT, 'utf8');
  const [from, to] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (from === -1 || to === -1) throw new Error(`${DOCUMENT} has no markers for the matrix`);
  writeFileSync(DOCUMENT, `${document.slice(0, from + BEGIN.length)}\n\n${text}\n\n${document.slice(to)}`);
}

void main();
