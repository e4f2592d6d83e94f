import { scaled } from '../support/scale';

type Language = [name: string, args: string[]];

const TYPESCRIPT: Language = ['TypeScript', []];
const JAVASCRIPT: Language = ['JavaScript', ['--js']];

/** The languages of a session. `npm test` takes the one that starts fast, `npm run test:all` the other one. */
export const LANGUAGES = scaled([TYPESCRIPT], [JAVASCRIPT]);
