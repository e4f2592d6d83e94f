import { CONTENT_FAULTS } from './faults-content';
import { RESPONSE_FAULTS } from './faults-response';
import type { Fault } from './fault';
import { NETWORK_FAULTS } from './faults-network';
import { STATUS_FAULTS } from './faults-status';
import { TIME_FAULTS } from './faults-time';
import { TOKEN_FAULTS } from './faults-token';

/** The 75 faults, in order. */
export const FAULTS: readonly Fault[] = [
  ...NETWORK_FAULTS,
  ...STATUS_FAULTS,
  ...RESPONSE_FAULTS,
  ...CONTENT_FAULTS,
  ...TOKEN_FAULTS,
  ...TIME_FAULTS,
].sort((a, b) => (a.code < b.code ? -1 : 1));
