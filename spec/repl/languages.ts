import { scaled } from '../support/scale';

type Language = [name: string, args: string[]];

const TYPESCRIPT: Language = ['TypeScript', []];
const JAVASCRIPT: Language = ['JavaScript', ['--js']];

/** The languages of a session. A sample takes the one that starts fast; other specs start TypeScript. */
export const LANGUAGES = scaled([TYPESCRIPT, JAVASCRIPT], [JAVASCRIPT]);
