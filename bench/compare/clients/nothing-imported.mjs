// Node alone, with an ES module that imports an empty CommonJS file.
import './nothing.cjs';

export const connect = () => ({});
