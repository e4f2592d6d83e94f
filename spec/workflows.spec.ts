import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from './support/program';

interface Job {
  permissions?: Record<string, string>;
  'timeout-minutes'?: number;
  steps: { uses?: string; run?: string; with?: Record<string, unknown> }[];
}

const FOLDER = join(ROOT, '.github', 'workflows');
const workflows = readdirSync(FOLDER).map((file) => {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  return { file, text, ...(parse(text) as { permissions: unknown; jobs: Record<string, Job> }) };
});
const jobs = workflows.flatMap((workflow) =>
  Object.entries(workflow.jobs).map(([name, job]) => ({ name: `${workflow.file}: ${name}`, job })),
);
const runs = (name: string): string[] =>
  jobs.filter((one) => one.name === name).flatMap(({ job }) => job.steps.flatMap(({ run }) => run ?? []));

describe('the workflows of GitHub', () => {
  it('use actions by digest, with their version beside it: a tag can be moved', () => {
    const uses = workflows.flatMap(({ text }) =>
      [...text.matchAll(/uses: (.*)/g)].map(([, action]) => action),
    );
    expect(uses.length).toBeGreaterThan(5);
    expect(
      uses.filter((action) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action ?? '')),
    ).toEqual([]);
  });

  it('have no permissions but those that a job names', () => {
    expect(workflows.map(({ permissions }) => permissions)).toEqual(workflows.map(() => ({})));
    expect(jobs.map(({ name, job }) => [name, job.permissions])).toEqual([
      ['ci.yml: run', { contents: 'read' }],
      ['compatibility.yml: run', { contents: 'read' }],
      ['release.yml: check', { contents: 'read' }],
      ['release.yml: publish', { contents: 'read', 'id-token': 'write' }],
      ['release.yml: release', { contents: 'write' }],
    ]);
  });

  it('keep no credentials after a checkout, and end', () => {
    const checkouts = jobs.flatMap(({ job }) =>
      job.steps.filter(({ uses }) => uses?.startsWith('actions/checkout@')),
    );
    expect(checkouts.length).toBe(jobs.length);
    expect(checkouts.filter((step) => step.with?.['persist-credentials'] !== false)).toEqual([]);
    expect(jobs.filter(({ job }) => job['timeout-minutes'] === undefined)).toEqual([]);
  });

  it('run what a developer runs, and publish only what passed it', () => {
    const checks = ['.ci/run', 'npm test -- --coverage'];
    expect(runs('ci.yml: run')).toEqual(expect.arrayContaining(checks));
    expect(runs('release.yml: check')).toEqual(expect.arrayContaining(checks));
    expect(runs('compatibility.yml: run').at(-1)).toBe('npm run compatibility -- --full');
    expect(runs('release.yml: publish').at(-1)).toBe('npm publish --provenance --access public');
    expect(workflows.find(({ file }) => file === 'release.yml')?.jobs).toMatchObject({
      publish: { needs: 'check' },
      release: { needs: 'publish' },
    });
  });

  it('attach a list of all that the package installs', () => {
    expect(runs('release.yml: release').join('\n')).toMatch(
      /npm run --silent sbom > (\S+)\n.*gh release create .* \1$/,
    );
  });
});
