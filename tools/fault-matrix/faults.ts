import { RESPONSE_FAULTS } from './faults-response';
import type { Fault } from './fault';
import { NETWORK_FAULTS } from './faults-network';
import { STATUS_FAULTS } from './faults-status';

/** The 64 faults, in order. */
export const FAULTS: readonly Fault[] = [...NETWORK_FAULTS, ...STATUS_FAULTS, ...RESPONSE_FAULTS].sort(
  (a, b) => (a.code < b.code ? -1 : 1),
);
