import { Listing } from '../../lib';

/** Evaluates an expression with these variables, and waits for what it gives: a promise, a listing, an iteration. */
export async function evaluate(
  expression: string,
  variables: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the expressions of a page, which are to be run
  const run = new Function(...Object.keys(variables), `return (${expression});`) as (
    ...values: unknown[]
  ) => unknown;
  const value = await run(...Object.values(variables));
  if (value instanceof Listing) return value.toArray();
  if (!isIteration(value)) return value;
  const items: unknown[] = [];
  for await (const item of value) items.push(item);
  return items;
}

function isIteration(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
