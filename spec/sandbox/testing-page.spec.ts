import { describe, expect, it } from '@jest/globals';
import { FAULTS } from '../../lib/sandbox/faults/faults';
import { codeIn, readPage, tableOf } from '../support/readme';

// Its code runs in spec/docs/code.spec.ts.
const page = readPage('docs/testing.md');

describe('the tables in docs/testing.md', () => {
  const rows = tableOf(page, 'Fault').map(([name = '', executes = '', , options = '']) => ({
    kind: codeIn(name)[0] ?? '',
    executes,
    options,
  }));

  it('list every fault in order, and whether the request is executed', () => {
    const faults = Object.entries(FAULTS).map(([kind, { executes }]) => [kind, executes ? 'yes' : 'no']);
    expect(rows.map(({ kind, executes }) => [kind, executes])).toEqual(faults);
  });

  it('list every option of every fault', () => {
    const optionsOf = (text: string): string[] => codeIn(text).filter((code) => /^[a-z]+$/i.test(code));
    const documented = rows.map(({ kind, options }) => [kind, optionsOf(options)]);
    const actual = Object.entries(FAULTS).map(([kind, { options = {} }]) => [kind, Object.keys(options)]);
    expect(documented).toEqual(actual);
  });
});
