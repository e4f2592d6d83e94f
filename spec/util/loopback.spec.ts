import { describe, expect, it } from '@jest/globals';
import { isLoopback } from '../../lib/util/loopback';

const hostOf = (host: string): string => new URL(`http://${host}/`).hostname;

describe('this machine', () => {
  it.each([
    'localhost',
    'LocalHost',
    '127.0.0.1',
    '127.0.0.1.',
    '127.255.255.254',
    '127.1',
    '0x7f.1',
    '[::1]',
    '[0:0::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f12:3]',
  ])('is %s', (host) => expect(isLoopback(hostOf(host))).toBe(true));

  it.each([
    'localhost.',
    'localhost.example',
    'my.localhost',
    '127.0.0.1.example',
    '128.0.0.1',
    '0.0.0.0',
    '10.0.0.1',
    '[::2]',
    '[::ffff:8000:1]',
    '[::ffff:10.0.0.1]',
    '[1::1]',
  ])('is not %s', (host) => expect(isLoopback(hostOf(host))).toBe(false));
});
