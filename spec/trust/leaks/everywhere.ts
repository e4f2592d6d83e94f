import { type Context, SINKS, textIn } from '../../../tools/support/sinks';

/** The text of a value in all sixteen places. */
export const everywhere = (value: unknown, context: Partial<Context> = {}): string =>
  Object.values(SINKS)
    .map((sink) => textIn(sink, value, { reported: [], related: [], ...context }))
    .join('\n');
