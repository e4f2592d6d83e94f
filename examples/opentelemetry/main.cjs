// Copies an image to a region and prints the spans. DigitalOcean is a sandbox here, over HTTP.
const console = require('node:console');
const { trace } = require('@opentelemetry/api');
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
} = require('@opentelemetry/sdk-trace-node');
const { traceDoapi } = require('./spans.cjs');

// The SDK of the program, before anything loads node:http.
const exporter = new InMemorySpanExporter();
const contextManager = new AsyncLocalStorageContextManager();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
provider.register({ contextManager });
new HttpInstrumentation({ disableIncomingRequestInstrumentation: true });
const tracer = trace.getTracer('my-program');
// OpenTelemetry has no public name for the storage of its contexts.
traceDoapi(tracer, contextManager._asyncLocalStorage);

// In your program: require('doapi-ts') and require('doapi-ts/sandbox').
const { DOApi } = require('../../dist');
const { Sandbox } = require('../../dist/sandbox');

/** Runs a job inside a span of its own. */
const inSpan = (name, job) => tracer.startActiveSpan(name, (span) => job().finally(() => span.end()));

/** Runs a job with a sandbox of its own. @returns its spans */
const tracedJob = async (sandbox, job) => {
  exporter.reset();
  const { url, close } = await sandbox.listen();
  const api = new DOApi({ token: sandbox.token, endpoint: url, waitInterval: 100 });
  await job(api);
  await api.close();
  await close();
  return exporter.getFinishedSpans();
};

/** Copies an image, after a 503. @returns the spans */
exports.main = () => {
  const sandbox = new Sandbox({ images: [{ id: 5, regions: ['nyc1'] }], actionTime: 300 });
  sandbox.fail({ on: 'GET /v2/images/5', with: 503, times: 1 });
  return tracedJob(sandbox, (api) =>
    inSpan('copy the image', async () => (await api.fetchImage(5)).transfer('fra1', { wait: true })),
  );
};

/** Fetches images 1, 2, … all at once; those with an even id do not exist. @returns the spans */
exports.fetchMany = (ids) => {
  const sandbox = new Sandbox({ images: ids.filter((id) => id % 2 === 1).map((id) => ({ id })) });
  return tracedJob(sandbox, (api) =>
    Promise.allSettled(ids.map((id) => inSpan(`job ${id}`, () => api.fetchImage(id)))),
  );
};

/** The spans as a tree of indented lines. */
exports.treeOf = (spans) => {
  const under = (parent, indent) =>
    spans
      .filter(({ parentSpanContext }) => parentSpanContext?.spanId === parent)
      .flatMap((span) => [indent + span.name, ...under(span.spanContext().spanId, `${indent}  `)]);
  return under(undefined, '');
};

if (require.main === module) exports.main().then((spans) => console.log(exports.treeOf(spans).join('\n')));
