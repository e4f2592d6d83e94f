import type { Consumer } from '../support/consumer';

/** The parts of the page, in order. */
export const GROUPS = ['Runtimes', 'TypeScript', 'Tests', 'Bundlers', 'Installation'] as const;
export type Group = (typeof GROUPS)[number];

/** One way to use the package. */
export interface Case {
  group: Group;
  /** What is used, with its version: distinct in the group. */
  name: string;
  /** Uses the package. @throws Error that says what does not work */
  run(consumer: Consumer): Promise<void>;
}

/** Its name with its group, such as `Runtimes: Bun 1.4.5, CommonJS`. */
export const nameOf = ({ group, name }: Pick<Case, 'group' | 'name'>): string => `${group}: ${name}`;
