// Bare Node, started with a module that imports an empty file of CommonJS.
import './nothing.cjs';

export const connect = () => ({});
