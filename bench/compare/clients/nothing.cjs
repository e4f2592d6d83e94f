// Node alone, with CommonJS.
exports.connect = () => ({});
