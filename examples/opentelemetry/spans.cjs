const { subscribe, tracingChannel } = require('node:diagnostics_channel');
const { URL } = require('node:url');
const { context, SpanStatusCode, trace } = require('@opentelemetry/api');

/** The tracing channels of doapi-ts, and how their spans are named. */
const CHANNELS = {
  'doapi-ts:wait': ({ name }) => `wait for ${name}`,
  'doapi-ts:call': ({ method, url }) => `${method} ${new URL(url).pathname}`,
  'doapi-ts:attempt': ({ attempt }) => `attempt ${attempt}`,
};

/** Makes spans of all waits, calls and attempts. @param storage the AsyncLocalStorage of the context manager */
exports.traceDoapi = (tracer, storage) => {
  const spans = new WeakMap();
  for (const [channel, nameOf] of Object.entries(CHANNELS)) {
    tracingChannel(channel).start.bindStore(storage, (traced) => {
      const span = tracer.startSpan(nameOf(traced));
      spans.set(traced, span);
      return trace.setSpan(context.active(), span);
    });
    subscribe(`tracing:${channel}:asyncEnd`, (traced) => {
      const { error, ...fields } = traced;
      const span = spans.get(traced);
      for (const [name, value] of Object.entries(fields)) span?.setAttribute(`doapi.${name}`, value);
      if (error) span?.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      span?.end();
    });
  }
};
