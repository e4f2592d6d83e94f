import { describe, expect, it } from '@jest/globals';
import { blocksOf, readPage } from './support/readme';

// Its code runs in spec/docs/code.spec.ts, its links are checked in spec/docs/links.spec.ts.
const readme = readPage('README.md');

describe('README.md', () => {
  it('has at most 200 lines', () => {
    expect(readme.trimEnd().split('\n').length).toBeLessThanOrEqual(200);
  });

  it('says first what it is for, in one sentence', () => {
    const [, sentence = ''] = /^# doapi-ts\n\n(.*?)\n\n/s.exec(readme) ?? [];
    for (const word of ['Take', 'find', 'copy', 'create from', 'wait', 'prune'])
      expect(sentence).toContain(word);
    expect(sentence.match(/\.$/gm)).toHaveLength(1);
  });

  it('starts with the main job, in at most ten lines', () => {
    const first = blocksOf(readme, 'ts')[0]?.code.trim().split('\n') ?? [];
    expect(first.length).toBeLessThanOrEqual(10);
    expect(first.join('\n')).toMatch(/find\(.*transfer\(.*wait: true/s);
  });

  it('names two commands: the main job without token and network, and the tests', () => {
    const [commands] = blocksOf(readme, 'sh');
    expect(commands?.code.trim().split('\n')).toEqual([
      expect.stringMatching(/^npm ci && npm run tour +#/),
      expect.stringMatching(/^npm ci && npm test +#/),
    ]);
  });

  it('goes from the installation to the token, to examples, to waiting', () => {
    const sections = [...readme.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
    const order = ['Two commands', 'Install', 'Token', 'Examples', 'Waiting'];
    expect(sections.slice(0, order.length)).toEqual(order);
  });
});
