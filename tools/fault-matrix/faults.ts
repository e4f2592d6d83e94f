import { ANSWER_FAULTS } from './faults-answer';
import type { Fault } from './fault';
import { NETWORK_FAULTS } from './faults-network';
import { STATUS_FAULTS } from './faults-status';

/** The sixty-four, in order. */
export const FAULTS: readonly Fault[] = [...NETWORK_FAULTS, ...STATUS_FAULTS, ...ANSWER_FAULTS].sort(
  (a, b) => (a.code < b.code ? -1 : 1),
);
