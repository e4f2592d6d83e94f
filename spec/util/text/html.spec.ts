import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseErrorBody } from '../../../lib/http/response/error-body';
import { textOfPage } from '../../../lib/util/text/html';

const NGINX =
  '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>';

describe('a page of HTML', () => {
  it.each([
    [NGINX, '502 Bad Gateway'],
    ['<!DOCTYPE html><html><head><TITLE lang="en">\n Attention  Required! </TITLE>', 'Attention Required!'],
    [
      '<title>api.digitalocean.com | 522: Connection timed out</title>',
      'api.digitalocean.com | 522: Connection timed out',
    ],
    [
      '<title>Tom &amp; Jerry&#39;s &#x201c;page&quot;&nbsp;&unknown;</title>',
      'Tom & Jerry\'s “page" &unknown;',
    ],
    ['<html><head><title></title></head><body><h1 class="a">Not now</h1>', 'Not now'],
    [
      '<html><style>p { color: red }</style><script>alert("<p>")</script><!-- <b>no</b> --><p>It is <b>down</b>',
      'It is down',
    ],
    [
      '<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Reduce it</Message></Error>',
      'SlowDown Reduce it',
    ],
    [
      '<html><!-- <title>old</title> --><script>var a = "<title>b</title>"</script><title>Access denied</title>',
      'Access denied',
    ],
    ['upstream failed: <html><head><title>504 Gateway Time-out</title>', '504 Gateway Time-out'],
    ['<html></html>', ''],
    ['<html><script>', ''],
    ['<title>&#9999999;</title>', '&#9999999;'],
  ])('is described by its title, or else by its text: %j', (page, text) => {
    expect(textOfPage(page)).toBe(text);
  });

  it.each(['upstream connect error', 'a < b and c > d', '{"id":"x"}', ''])('is no other text: %j', (text) => {
    expect(textOfPage(text)).toBe(text);
  });

  it('has no tags left, and is read in time, whatever it holds', () => {
    const piece = fc.constantFrom(
      '<title>',
      '<title',
      '</title>',
      '<h1>',
      '<script',
      '</script>',
      '<!--',
      '-->',
      '<b>',
      '>',
      'x',
      '&#60;',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        expect(textOfPage(`<html>${pieces.join('')}`)).not.toMatch(/<(title|h1|script|b)>/);
      }),
    );
    for (const unit of ['<title', '<title>', '<script', '<!--', '<', '<h1>']) {
      const start = performance.now();
      textOfPage(`<html>${unit.repeat(500_000)}`);
      expect(performance.now() - start).toBeLessThan(1_000);
    }
  });

  it('is the detail of an error, also inside the JSON of a server in between', () => {
    expect(parseErrorBody(NGINX, {}, '').detail).toBe('502 Bad Gateway');
    expect(parseErrorBody(JSON.stringify({ message: NGINX }), {}, '').detail).toBe('502 Bad Gateway');
    expect(parseErrorBody('<html></html>', {}, 'Bad Gateway').detail).toBe('Bad Gateway');
  });

  it('is not a sentence of JSON that begins in angle brackets', () => {
    const message = '<name> is required';
    expect(parseErrorBody(JSON.stringify({ message }), {}, '').detail).toBe(message);
  });
});
