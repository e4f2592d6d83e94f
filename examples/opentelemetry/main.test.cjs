const assert = require('node:assert/strict');
const { before, test } = require('node:test');
const { inspect } = require('node:util');
const { SpanStatusCode } = require('@opentelemetry/api');
const { fetchMany, main, treeOf } = require('./main.cjs');

let spans;

before(async () => {
  spans = await main();
});

test('spans of HTTP are inside attempts, attempts inside calls, polls inside waits', () => {
  const tree = treeOf(spans);
  assert.deepEqual(tree.slice(0, 10), [
    'copy the image',
    '  GET /v2/images/5',
    '    attempt 1',
    '      GET',
    '    attempt 2',
    '      GET',
    '  POST /v2/images/5/actions',
    '    attempt 1',
    '      POST',
    tree.find((line) => /^ {2}wait for Action \d+$/.test(line)),
  ]);
  const polls = tree.slice(10);
  assert.ok(polls.length >= 6 && polls.length % 3 === 0);
  for (let at = 0; at < polls.length; at += 3) {
    assert.match(polls[at], /^ {4}GET \/v2\//);
    assert.deepEqual(polls.slice(at + 1, at + 3), ['      attempt 1', '        GET']);
  }
  assert.equal(tree.length, spans.length);
});

test('spans have the fields of the channels, and never the token', () => {
  const fetched = spans.findLast(({ name }) => name === 'GET /v2/images/5');
  assert.equal(fetched.attributes['doapi.scope'], 'image:read');
  assert.equal(fetched.attributes['doapi.attempt'], 2);
  assert.equal(fetched.attributes['doapi.status'], 200);
  assert.doesNotMatch(
    inspect(
      spans.map(({ name, attributes, events, status }) => [name, attributes, events, status]),
      { depth: 9 },
    ),
    /dop_v1|Bearer/,
  );
});

test('spans of fifty calls at once are each inside what started the call; only that of a call that fails is an error', async () => {
  const ids = Array.from({ length: 50 }, (_, at) => at + 1);
  const many = await fetchMany(ids);
  const branch = (id) => [`job ${id}`, `  GET /v2/images/${id}`, '    attempt 1', '      GET'].join('\n');
  const branches = treeOf(many)
    .join('\n')
    .split(/\n(?=job)/);
  assert.deepEqual(new Set(branches), new Set(ids.map(branch)));
  const errors = many.filter(
    ({ name, status }) => name.startsWith('GET /v2') && status.code === SpanStatusCode.ERROR,
  );
  assert.deepEqual(
    new Set(errors.map(({ name }) => name)),
    new Set(ids.filter((id) => id % 2 === 0).map((id) => `GET /v2/images/${id}`)),
  );
  for (const { status } of errors) assert.match(status.message, /: 404 not_found: /);
});
