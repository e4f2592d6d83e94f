/** Adds a property to Object.prototype that nothing can remove, and runs code without pollution. */
import { isPolluted, shieldedOptions, withoutPollution } from '../../../lib/util/options/own-options';

interface Options {
  host?: string;
}

Object.defineProperty(Object.prototype, 'host', { value: 'evil' });
const create = (): Options => ({});
const shielded: Options = { ...shieldedOptions<Options>({}) };
console.log(withoutPollution(create).host, isPolluted(), shielded.host);
