import { describe, expect, it } from '@jest/globals';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KEY } from '../../tools/support/terminal';
import { LANGUAGES } from './languages';
import { home, open, terminal, TIMEOUT } from './sessions';

describe.each(LANGUAGES)('a session in %s at a terminal', (language, args) => {
  it(
    'says in a few lines which API it uses, what is in scope and how to get help',
    async () => {
      const { lines } = await open(args);
      expect(lines.slice(0, 5)).toEqual([
        'Sandbox, since no token was found: nothing is real, a minute takes a second.',
        'In scope: api, sandbox, DOApi, Image, Action, Droplet, ImageOffer, PrunePlan,',
        'Snapshot, Region, Listing, Sandbox and the classes of errors; .types lists them.',
        '.help names the commands, Tab completes, .exit leaves.',
        expect.stringMatching(/^sandbox> ?$/),
      ]);
    },
    TIMEOUT,
  );

  it(
    'completes methods, and names that it has seen',
    async () => {
      await open(args);
      terminal.keys(`api.fetchAllPriv${KEY.tab}`);
      await terminal.until(/api\.fetchAllPrivateImages/);
      terminal.keys('()');
      expect(await terminal.line('')).toMatch(
        /web-00-snapshot .*\n[^]*1–\d+ of \d+ · all: await _\.toArray\(\)/,
      );
      terminal.keys(`const name = 'web-00${KEY.tab}`);
      await terminal.until(/const name = 'web-00-snapshot'/);
      terminal.keys(`${KEY.enter}.image web-00${KEY.tab}`);
      await terminal.until(/\.image web-00-snapshot/);
      expect(await terminal.line('')).toMatch(/Image \{\n {2}id +63663001\n {2}name +web-00-snapshot/);
    },
    TIMEOUT,
  );

  it(
    'shows all waits at once, and how they ended',
    async () => {
      await open([...args, '--speed', '15']);
      await terminal.line('const image = await api.fetchAllPrivateImages().first()');
      terminal.keys(`await image.replicate(['sgp1', 'lon1'])${KEY.enter}`);
      await terminal.until(/transfer to sgp1 .*poll \d+, next in \d+ s\n.* transfer to lon1 .*poll \d+/);
      expect(await terminal.until(/2 items/)).toMatch(
        /✔ transfer to sgp1 {2}completed after 1 min[^\n]*\n✔ transfer to lon1 {2}completed after 1 min[^]*sgp1 +completed +\d+\nlon1 +completed/,
      );
      // The bars are gone.
      expect(terminal.text).not.toMatch(/[░⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/);
    },
    TIMEOUT,
  );

  it(
    'writes the output of a line above the bars',
    async () => {
      await open([...args, '--speed', '30']);
      await terminal.line('const image = await api.fetchAllPrivateImages().first()');
      terminal.keys(
        "setTimeout(() => console.log('meanwhile'), 700); await image.transfer('sgp1', { wait: true })" +
          KEY.enter,
      );
      await terminal.until(/^meanwhile\n. transfer to sgp1/m);
      await terminal.until(/^meanwhile\n✔ transfer to sgp1/m);
    },
    TIMEOUT,
  );

  it(
    'ends a wait with Ctrl-C and continues; a second Ctrl-C ends the session',
    async () => {
      await open([...args, '--speed', '1']);
      await terminal.line('const image = await api.fetchAllPrivateImages().first()');
      terminal.keys(`await image.transfer('sgp1', { wait: true })${KEY.enter}`);
      await terminal.until(/transfer to sgp1 .*poll \d/);
      terminal.keys(KEY.ctrlC);
      await terminal.until(/Ended by Ctrl-C\. What DigitalOcean has started continues\.\nsandbox>/);
      expect(await terminal.line('1 + 1')).toBe('2');
      terminal.keys(
        `for await (const one of api.fetchAllActions({ perPage: 1 })) await new Promise(() => 0)${KEY.enter}`,
      );
      await terminal.until(() => (terminal.lines.at(-1)?.trimEnd() ?? '').endsWith('=> 0)'));
      // Nothing on the screen shows that the line is running.
      await new Promise((resolve) => setTimeout(resolve, 300));
      terminal.keys(KEY.ctrlC);
      await terminal.until(/(Ended by Ctrl-C[^]*){2}sandbox> ?$/);
      terminal.keys(KEY.ctrlC);
      expect(await terminal.ended()).toBe(0);
    },
    TIMEOUT,
  );

  it(
    'ends a line with a Ctrl-C that arrives together with it',
    async () => {
      await open(args);
      await terminal.line('1');
      terminal.keys(`await new Promise(() => undefined)${KEY.enter}${KEY.ctrlC}`);
      await terminal.until(/Ended by Ctrl-C[^]*sandbox> ?$/);
      expect(await terminal.line('1 + 1')).toBe('2');
    },
    TIMEOUT,
  );

  it(
    'forgets a Ctrl-C when something is typed after it',
    async () => {
      await open(args);
      terminal.keys(`await new Promise((done) => setTimeout(done, 60_000))${KEY.enter}`);
      await terminal.until(() => (terminal.lines.at(-1)?.trimEnd() ?? '').endsWith('60_000))'));
      // Nothing on the screen shows that the line is running.
      await new Promise((resolve) => setTimeout(resolve, 300));
      terminal.keys(KEY.ctrlC);
      await terminal.until(/Ended by Ctrl-C[^]*sandbox> ?$/);
      terminal.keys('half a line');
      await terminal.until(/sandbox> half a line$/);
      terminal.keys(KEY.ctrlC);
      await terminal.until(/sandbox> half a line\s+sandbox> ?$/);
      expect(await terminal.line('"alive"')).toBe("'alive'");
    },
    TIMEOUT,
  );

  it(
    'shows an error without its stack, and continues',
    async () => {
      await open(args);
      const shown = await terminal.line('await api.fetchImage(5)');
      expect(shown).toMatch(
        /^NotFoundError: The resource you were accessing could not be found\.\n {2}404 not_found · GET \/v2\/images\/5\n {2}request [\w-]+\n {2}Was it deleted/,
      );
      expect(await terminal.line('.stack')).toMatch(/^NotFoundError: [^]*\n +at /);
      await terminal.line('Promise.reject(new Error("unhandled")); 1');
      await terminal.until(/^Error: unhandled$/m);
      expect(await terminal.line('"on"')).toBe("'on'");
    },
    TIMEOUT,
  );

  it(
    'keeps lines for the next session, except those with a token',
    async () => {
      await open(args);
      await terminal.line(`"first in ${language}"`);
      await terminal.line('const secret = "dop_v1_0123456789abcdef"');
      await terminal.line(`"last in ${language}"`);
      terminal.keys(KEY.ctrlD);
      expect(await terminal.ended()).toBe(0);
      const file = join(home, 'doapi-ts', 'history');
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(readFileSync(file, 'utf8')).not.toContain('dop_v1_');
      terminal.close();
      await open(args);
      terminal.keys(KEY.up);
      await terminal.until(new RegExp(`sandbox> "last in ${language}"`));
      terminal.keys(KEY.up);
      await terminal.until(new RegExp(`sandbox> "first in ${language}"`));
    },
    TIMEOUT,
  );
});

describe('the commands of a session', () => {
  it(
    'show images, actions and limits, and control the faults and clock of a sandbox',
    async () => {
      await open(['--js', '--speed', '1']);
      expect(await terminal.line('.help')).toMatch(
        /^\.images \[filter\] +lists images: all, private[^]*\.faults[^]*\.advance/,
      );
      expect(await terminal.line('.images debian')).toMatch(/debian-13-x64[^]*\n9 items/);
      expect(await terminal.line('.actions')).toMatch(/type +status[^]*transfer +completed/);
      expect(await terminal.line('.limit')).toMatch(/^█+\n49\d\d of 5000 requests left in this hour/);
      expect(await terminal.line('.faults reset-before-execution 1')).toContain('The next 1 of * /v2/*');
      expect(await terminal.line('.faults')).toMatch(/reset-before-execution is on, and has met 0 requests/);
      await terminal.line('const image = await api.fetchAllPrivateImages().first()');
      await terminal.line('const action = await image.transfer("sgp1")');
      expect(await terminal.line('.advance 2 min')).toBe('2 min have passed.');
      expect(await terminal.line('(await action.fetch()).status')).toBe("'completed'");
      expect(await terminal.line('.wait')).toBe("'No action is in progress.'");
    },
    TIMEOUT,
  );

  it(
    'show and complete Droplets and snapshots, and the wait of a Droplet',
    async () => {
      await open(['--js', '--speed', '60']);
      expect(await terminal.line('.droplets')).toMatch(/id +name +status[^]*web-1 +active[^]*12 items/);
      terminal.keys(`.droplet web-1${KEY.tab}`);
      await terminal.until(/\.droplet web-1$/);
      expect(await terminal.line('')).toMatch(/Droplet \{\n {2}id +3164444\n {2}name +web-1/);
      expect(await terminal.line('.snapshots')).toMatch(/web-00-snapshot +droplet 3164444/);
      const settings =
        "{ name: 'new-1', size: 's-4vcpu-8gb', region: 'fra1', image: 'debian-13-x64', wait: true }";
      terminal.keys(`await api.createDroplet(${settings})${KEY.enter}`);
      await terminal.until(/✔ Droplet new-1 until it is active {2}active after/);
    },
    TIMEOUT,
  );

  it(
    'show types, and what is in scope',
    async () => {
      await open();
      await terminal.line("const image = await api.fetchImage('ubuntu-24-04-x64')");
      expect(await terminal.line('.type image')).toBe('Image');
      expect(await terminal.line('.type image.regions')).toBe('readonly string[]');
      expect(await terminal.line('.doc droplet.takeSnapshot')).toMatch(
        /^Droplet\.takeSnapshot\([^]*Promise<Image>\nTakes a snapshot, /,
      );
      expect(await terminal.line('.doc nothing.at')).toMatch(/^Nothing is known of nothing\.at/);
      expect(await terminal.line('.types')).toMatch(/^api: DOApi\nsandbox: Sandbox\nclasses: DOApi, Image/);
    },
    TIMEOUT,
  );

  it(
    'save the lines of a session, and load them',
    async () => {
      await open(['--js']);
      await terminal.line('globalThis.five = 5');
      await terminal.line('"dop_v1_0123456789abcdef"');
      writeFileSync(join(home, 'lines.js'), '', { mode: 0o644 });
      expect(await terminal.line('.save lines.js')).toBe('Saved 1 line to lines.js.');
      expect(statSync(join(home, 'lines.js')).mode & 0o777).toBe(0o600);
      await terminal.line('globalThis.five = 0');
      await terminal.line('.load lines.js');
      // The lines run after the command, each with a prompt.
      await terminal.until(/\.load lines\.js\n[^]*^5\nsandbox> ?$/m);
      expect(await terminal.line('globalThis.five')).toBe('5');
    },
    TIMEOUT,
  );
});

describe('a session in a narrow terminal', () => {
  it(
    'leaves out columns and breaks no lines',
    async () => {
      await open(['--js'], { columns: 40 });
      const shown = await terminal.line('.images');
      expect(shown).toMatch(/id {2}slug or name +status *\n63663001 {2}web-00-snapshot +available *\n/);
      expect(shown.split('\n').filter((line) => line.length > 40)).toEqual([]);
    },
    TIMEOUT,
  );

  it(
    'writes no colours with NO_COLOR',
    async () => {
      await open(['--js'], { env: { NO_COLOR: '1' } });
      await terminal.line('.images');
      // eslint-disable-next-line no-control-regex -- what sets a colour
      expect(terminal.raw).not.toMatch(/\u001b\[3\dm/);
    },
    TIMEOUT,
  );
});
