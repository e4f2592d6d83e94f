// Bare Node, started with a module.
export const connect = () => ({});
