import { describe, expect, it } from '@jest/globals';
import { CANARY, EARLIER_CANARY, TraceSearch } from '../../tools/support/canary';
import { DISGUISES } from './leaks/disguises';
import { ECHOES, echoesFor } from './leaks/echoes';
import { everywhere } from './leaks/everywhere';
import { hunt } from './leaks/hunt';

/** A token without DigitalOcean's prefix, with every character that an encoding may change. */
const ODD = '9f3b+c71e/04da=5b86~ec21+77a0/9d4f_83be-16c5+e2d0/48fa=b917~3c6e';

/** Tokens of a token function, which returns a new one each time. */
const RENEWED = Array.from({ length: 4 }, (_, at) =>
  ODD.replaceAll(/[0-9]/g, (one) => String((Number(one) + at) % 10)),
);

const disguises = Object.entries(DISGUISES);
const all = Object.entries(ECHOES);

describe('the search for a secret', () => {
  it.each(disguises)('finds it %s', (_how, disguise) => {
    for (const secret of [CANARY, EARLIER_CANARY, ODD]) {
      const search = new TraceSearch(secret);
      const wire = disguise(secret);
      const decoded = JSON.parse(`"${wire}"`) as string;
      for (const text of [wire, decoded])
        expect(search.in(everywhere(new Error(`No ${text}.`)))).not.toBeNull();
    }
  });

  it('finds it as a Buffer, and with colours inside', () => {
    const search = new TraceSearch(ODD);
    const coloured = `${ODD.slice(0, 30)}\u001b[31m${ODD.slice(30)}`;
    for (const hidden of [Buffer.from(ODD), JSON.stringify(Buffer.from(ODD)), coloured])
      expect(search.in(everywhere({ hidden }))).not.toBeNull();
  });

  it('finds nothing where there is none', () => {
    const search = new TraceSearch(ODD, CANARY);
    expect(search.in(everywhere(new Error(`dop_v1_[token] ${EARLIER_CANARY}`)))).toBeNull();
  });
});

describe.each(
  disguises.map(([how, disguise], turn) => ({
    how,
    disguise,
    echoes: how === 'as it is' ? all : echoesFor(turn),
  })),
)('a token that the server returns $how', ({ disguise, echoes }) => {
  it.each(echoes)('is not shown: %s', async (_where, echo) => {
    for (const token of [CANARY, ODD]) {
      const text = await hunt(echo(disguise(token)), { options: { token } });
      expect(new TraceSearch(token).in(text)).toBeNull();
    }
  });
});

const PARTS: readonly (readonly [which: string, part: (secret: string) => string])[] = [
  ['without its prefix', (secret) => secret.slice(7)],
  ['without its first character', (secret) => secret.slice(1)],
  ['its last twelve characters', (secret) => secret.slice(-12)],
  ['twelve in the middle', (secret) => secret.slice(31, 43)],
  ['both ends', (secret) => `${secret.slice(0, 20)}****${secret.slice(-20)}`],
  ['in upper case', (secret) => secret.toUpperCase()],
];

describe.each(PARTS)('a part of the token that the server returns, %s,', (_which, part) => {
  it.each(all)('is not shown: %s', async (_where, echo) => {
    for (const token of [CANARY, ODD]) {
      const text = await hunt(echo(part(token)), { options: { token } });
      expect(new TraceSearch(token, token.toUpperCase()).in(text)).toBeNull();
    }
  });
});

describe('an earlier token of a token function', () => {
  it.each(all)('is not shown when the server returns it: %s', async (_where, echo) => {
    for (const earlier of RENEWED) {
      let calls = 0;
      const token = (): string => RENEWED[Math.min(calls++, RENEWED.length - 1)] ?? '';
      const text = await hunt(echo(earlier), { options: { token }, before: RENEWED.length - 1 });
      expect(new TraceSearch(...RENEWED).in(text)).toBeNull();
    }
  });
});
