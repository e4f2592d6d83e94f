/** Adds a property to Object.prototype that nothing can remove, and runs code without pollution. */
import { isPolluted, shieldedOptions, withoutPollution } from '../../../lib/util/options/own-options';

Object.defineProperty(Object.prototype, 'host', { value: 'evil' });
const inherited = withoutPollution(() => ({})).host;
console.log(inherited, isPolluted(), { ...shieldedOptions<{ host?: string }>({}) }.host);
