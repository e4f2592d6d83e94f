import { expect } from '@jest/globals';
import type { Action, DOApi, Image } from '../../lib';

// These checks fail at compile time.

/** Whether two types are identical. Mutual assignability would also hold for `any`. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- TypeScript compares the conditional types of two such functions for identity
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** `same<A, B>(true)` compiles only if the types are identical. */
export const same = <A, B>(expected: Same<A, B>): void => expect(expected).toBe(true);

/** The same for the type of a value: `typeOf(image).is<Image>(true)`. */
export const typeOf = <A>(value: A): { is: <B>(expected: Same<A, B>) => void } => ({
  is: () => expect(value).toBeDefined(),
});

/** The return type of a method. */
export type Gives<T, K extends keyof T> = T[K] extends (...args: never[]) => infer R ? R : never;

/** The type of a method's parameter. */
export type Takes<T, K extends keyof T, I extends number = 0> = T[K] extends (...args: infer A) => unknown
  ? A[I]
  : never;

/** `true` when a union contains the literal; a plain `string` does not. */
export type Suggests<Union, Literal> = Union extends Literal ? true : never;

/** For code that is compiled and never run. */
export const neverRun = (code: (api: DOApi, image: Image, action: Action) => unknown): void => {
  expect(typeof code).toBe('function');
};
