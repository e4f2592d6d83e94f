/** As `new URL` writes them: an IPv4 address in an IPv6 one becomes hexadecimal. `localhost.` is asked of DNS. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|\[::ffff:7f[\da-f]{2}:[\da-f]{1,4}\])$/;

/** Whether the host of a URL is this machine. @param hostname the `hostname` of a `URL` */
export function isLoopback(hostname: string): boolean {
  return LOOPBACK.test(hostname);
}
