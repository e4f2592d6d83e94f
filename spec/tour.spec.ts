import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Listening, Sandbox } from '../lib/sandbox';
import { type Ended, runProgram } from './support/program';

const MINUTE = 60_000;

describe('npm run tour', () => {
  let ended: Ended;
  let took: number;

  beforeAll(async () => {
    const began = performance.now();
    ended = await runProgram('examples/tour.ts');
    took = performance.now() - began;
  }, 2 * MINUTE);

  it('exits with 0 in less than a minute, without a token or messages on stderr', () => {
    expect(ended).toMatchObject({ code: 0, errors: '' });
    expect(took).toBeLessThan(MINUTE);
  });

  it('prints its steps in order', () => {
    const steps = [...ended.output.matchAll(/^(\d)\. /gm)].map(([, number]) => Number(number));
    expect(steps).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('lists the images and finds one by its slug', () => {
    expect(ended.output).toMatch(/… \d+ of this account, and 60 in all/);
    expect(ended.output).toMatch(/^ {3}\d+ {2}ubuntu-24-04-x64 .* 14 regions$/m);
  });

  it('shows the progress of the wait, poll by poll', () => {
    const polls = [...ended.output.matchAll(/^ {3}poll \d+ after .*: (\S+)$/gm)].map(([, status]) => status);
    expect(polls.length).toBeGreaterThan(3);
    expect(new Set(polls.slice(0, -1))).toEqual(new Set(['in-progress']));
    expect(polls.at(-1)).toBe('completed');
  });

  it('shows the image converted, then in its new region, and its actions', () => {
    expect(ended.output).toMatch(/^ {3}before: .* backup .* ams3\n {3}now: {4}.* snapshot .* ams3$/m);
    expect(ended.output).toMatch(/^ {3}before: .* snapshot .* ams3\n {3}now: {4}.* snapshot .* ams3, nyc3$/m);
    expect(ended.output).toMatch(/^ {3}\d+ {2}convert {3}completed in .+$/m);
    expect(ended.output).toMatch(/^ {3}\d+ {2}transfer {2}completed in 2 min \d+ s$/m);
  });

  it('shows an error as a user sees it', () => {
    expect(ended.output).toMatch(
      /^ {3}UnprocessableError: POST https:\S+\/actions: 422 unprocessable_entity: Image is already available/m,
    );
    expect(ended.output).toContain('error.status is 422, error.id is unprocessable_entity');
  });
});

describe('npm run tour -- --live', () => {
  const sandbox = new Sandbox();
  let listening: Listening;
  let ended: Ended;

  beforeAll(async () => {
    listening = await sandbox.listen();
    const env = { DIGITALOCEAN_TOKEN: listening.token, DIGITALOCEAN_API_URL: listening.url };
    ended = await runProgram('examples/tour.ts', { args: ['--live'], env });
  }, 2 * MINUTE);
  afterAll(() => listening.close());

  it('runs the steps that read, on the account of the token', () => {
    expect(ended).toMatchObject({ code: 0, errors: '' });
    expect(ended.output).toContain(`This reads from ${listening.url} and changes nothing.`);
    expect(ended.output).toMatch(/Requests left in this hour: \d+ of 5000\./);
    expect(ended.output).not.toContain(listening.token);
  });

  it('changes nothing', () => {
    const methods = new Set(sandbox.requests.map(({ method }) => method));
    expect(methods).toEqual(new Set(['GET']));
  });

  it(
    'says in one line that there is no token',
    async () => {
      const { code, output, errors } = await runProgram('examples/tour.ts', { args: ['--live'] });
      expect({ code, output }).toEqual({ code: 1, output: '' });
      expect(errors).toMatch(/^TypeError: token: expected a DigitalOcean API token.*\n$/);
    },
    2 * MINUTE,
  );
});
