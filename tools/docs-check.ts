import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { startBrowser } from './docs-check/browser';
import { brokenLinks } from './docs-check/links';
import { serve } from './docs-check/site-server';

const SITE = join(__dirname, '..', 'docs', 'api');
const PICTURES = join(SITE, 'pictures');

/** A telephone and a large screen, in pixels. */
const WIDTHS = [400, 1400];

/** What the library is about, and a member that its page must show. */
const NOUNS: Readonly<Record<string, string>> = {
  DOApi: 'fetchImage',
  Image: 'transfer',
  Action: 'wait',
  Droplet: 'takeSnapshot',
  Snapshot: 'image',
  Region: 'features',
  Listing: 'toArray',
  PrunePlan: 'apply',
  ImageOffer: 'accept',
  Sandbox: 'fail',
};

/** Every problem that was found; the run goes on, to show all of them. */
const problems: string[] = [];
const check = (isRight: boolean, problem: string): void => {
  if (!isRight) problems.push(problem);
};

/** A page of the site in the browser, in which every error and every file that is missing is a problem. */
async function open(browser: Browser, url: string, width: number): Promise<Page> {
  const page = await browser.newPage({ viewport: { width, height: 900 } });
  page.on('pageerror', ({ message }) => problems.push(`${url}: ${message}`));
  page.on('response', (response) => check(response.ok(), `${url}: ${response.url()}: ${response.status()}`));
  page.on('requestfailed', (request) => problems.push(`${url}: ${request.url()}: not loaded`));
  await page.goto(url, { waitUntil: 'load' });
  return page;
}

/** Shows a page on each screen: it must fit, and have its title and its member. */
async function look(browser: Browser, url: string, name: string, member?: string): Promise<void> {
  for (const width of WIDTHS) {
    const page = await open(browser, url, width);
    const shown = await page.evaluate<number>('document.documentElement.scrollWidth');
    check(shown <= width, `${name}: ${shown} pixels wide on a screen of ${width}`);
    const title = await page.locator('h1').first().innerText();
    check(title.includes(name), `${name}: the title of its page is ${title}`);
    if (member)
      check(
        await page.locator(`[id="${member.toLowerCase()}"]`).first().isVisible(),
        `${name}: ${member} is not shown`,
      );
    await page.screenshot({ path: join(PICTURES, `${name}-${width}.png`) });
    await page.close();
  }
}

/** Searches as a reader does: opens the search, types, and follows the first result. */
async function search(browser: Browser, site: string): Promise<void> {
  const page = await open(browser, site, 1400);
  await page.locator('#tsd-search-trigger').click();
  await page.locator('#tsd-search-input').fill('replicate');
  const first = page.locator('#tsd-search-results a').first();
  await first.waitFor({ timeout: 10_000 });
  await page.screenshot({ path: join(PICTURES, 'search-1400.png') });
  await first.click();
  await page.waitForURL(/replicate/i, { timeout: 10_000 });
  check(
    (await page.locator('#replicate').count()) > 0,
    'search: the first result for replicate does not lead to it',
  );
  await page.close();
}

/**
 * `npm run docs:check`: reads the site that `npm run docs` has made, and looks at it in a browser. Pictures are in
 * docs/api/pictures.
 */
async function main(): Promise<void> {
  const { broken, checked } = brokenLinks(SITE);
  for (const link of broken) problems.push(`broken link: ${link}`);
  mkdirSync(PICTURES, { recursive: true });
  const classes = readdirSync(join(SITE, 'classes'));
  const server = await serve(SITE);
  const browser = await startBrowser();
  try {
    await look(browser, server.url, 'doapi-ts');
    for (const [noun, member] of Object.entries(NOUNS)) {
      const file = classes.find((name) => name.endsWith(`.${noun}.html`));
      if (file) await look(browser, `${server.url}classes/${file}`, noun, member);
      else problems.push(`${noun}: has no page`);
    }
    await search(browser, server.url);
  } finally {
    await browser.close();
    server.close();
  }
  for (const problem of problems) console.error(problem);
  const pictures = readdirSync(PICTURES).length;
  console.log(
    `docs/api: ${checked} links, ${Object.keys(NOUNS).length} nouns, ${pictures} pictures, ${problems.length} problems`,
  );
  if (problems.length > 0) process.exitCode = 1;
}

void main();
