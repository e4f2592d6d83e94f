// Bare Node: what every program pays before it has imported anything.
exports.connect = () => ({});
