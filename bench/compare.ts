/**
 * `npm run bench`: compares the cost of the library with that of other clients. Writes docs/performance.md, its pictures
 * and bench/results/latest.json.
 */
import { installPeers } from './compare/weights';
import { MEASURES } from './compare/measures';
import { optionsFrom, type Options, USAGE } from './compare/options';
import type { Bench } from './compare/program';
import { latest, publish, resultOf } from './compare/publish';
import { markdownOf, summary } from './compare/report';
import type { Section } from './compare/section';
import { Server } from './compare/server';

async function main(): Promise<void> {
  const options = optionsFrom(process.argv.slice(2));
  if (options.isRendered) return publish(latest());
  if (options.clients.some(({ isPeer }) => isPeer)) await installPeers(say);
  const sections = await measure(options);
  console.log([summary(sections), ...sections.map((section) => markdownOf(section))].join('\n\n'));
  if (!options.isPublished) return;
  await publish(
    resultOf(
      options.measures.length < Object.keys(MEASURES).length ? merged(sections) : sections,
      options.runs,
    ),
  );
}

async function measure({ measures, clients, runs, scale }: Options): Promise<Section[]> {
  const server = await Server.start();
  const bench: Bench = { server, clients, runs, scale, say };
  try {
    const sections: Section[] = [];
    for (const name of measures) sections.push(...(await MEASURES[name](bench)));
    return sections;
  } finally {
    server.stop();
  }
}

/** The last results, with these sections replaced, or added. */
function merged(sections: readonly Section[]): Section[] {
  const before = latest().sections;
  const added = sections.filter(({ name }) => !before.some((old) => old.name === name));
  return [...before.map((old) => sections.find(({ name }) => name === old.name) ?? old), ...added];
}

/** Prints progress to stderr; stdout has the results only. */
function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

main().catch((error: unknown) => {
  console.error(error instanceof TypeError ? `${error.message}\n\n${USAGE}` : error);
  process.exitCode = 1;
});
