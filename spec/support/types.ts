import { expect } from '@jest/globals';
import type { Action, DOApi, Image } from '../../lib';

// What is said with these is compiled with everything else: a wrong type fails the compilation, before anything runs.

/** Whether two types are the same one; that each is assignable to the other would also hold for `any`. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- TypeScript compares two such functions strictly
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** `same<A, B>(true)` compiles only when they are. */
export const same = <A, B>(verdict: Same<A, B>): void => expect(verdict).toBe(true);

/** The same of a value: `typeOf(image).is<Image>(true)`. */
export const typeOf = <A>(value: A): { is: <B>(verdict: Same<A, B>) => void } => ({
  is: () => expect(value).toBeDefined(),
});

/** What a method gives. */
export type Gives<T, K extends keyof T> = T[K] extends (...args: never[]) => infer R ? R : never;

/** What a method takes at a place. */
export type Takes<T, K extends keyof T, I extends number = 0> = T[K] extends (...args: infer A) => unknown
  ? A[I]
  : never;

/** `true` when a union still knows this member; a plain `string` has swallowed it. */
export type Suggests<Union, Literal> = Union extends Literal ? true : never;

/** For code that must not compile: it is never run. */
export const neverRun = (code: (api: DOApi, image: Image, action: Action) => unknown): void => {
  expect(typeof code).toBe('function');
};
