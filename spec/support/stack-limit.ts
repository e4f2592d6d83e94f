// Jest keeps a hundred frames of each error, and maps each of them to its source: that took a third of the time of the specs
// in which thousands of requests fail. Node's own default serves here, too.
Error.stackTraceLimit = 10;
