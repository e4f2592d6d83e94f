// Node alone, with an ES module.
export const connect = () => ({});
