import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';

/** A key and its self-signed certificate, as PEM: what `https.createServer` takes. */
export interface Certificate {
  key: string;
  cert: string;
}

interface CertificateOptions {
  /** The only name of its subject; default `127.0.0.1`. */
  address?: readonly [number, number, number, number];
  /** When it expires; default: in an hour. */
  until?: Date;
}

/** Builds X.509 as DER, since Node reads certificates but does not make them. */
export function selfSigned({
  address = [127, 0, 0, 1],
  until = new Date(Date.now() + 3_600_000),
}: CertificateOptions = {}): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'der' },
  });
  const ecdsaWithSha256 = sequence(objectId([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]));
  const commonName = objectId([0x55, 0x04, 0x03]);
  const subjectAltName = objectId([0x55, 0x1d, 0x11]);
  const name = sequence(der(0x31, sequence(commonName, der(0x0c, Buffer.from('a spec')))));
  const altNames = sequence(der(0x87, Buffer.from(address)));
  const extensions = sequence(sequence(subjectAltName, der(0x04, altNames)));
  const toBeSigned = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    ecdsaWithSha256,
    name,
    sequence(utcTime(new Date(until.getTime() - 7_200_000)), utcTime(until)),
    name,
    publicKey,
    der(0xa3, extensions),
  );
  const signature = sign('sha256', toBeSigned, createPrivateKey(privateKey));
  const certificate = sequence(toBeSigned, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature));
  return { key: privateKey, cert: pem(certificate) };
}

/** One element: its tag, its length, its content. */
function der(tag: number, ...content: Buffer[]): Buffer {
  const data = Buffer.concat(content);
  const long = data.length < 0x80 ? [] : [data.length >> 8, data.length & 0xff];
  const length = long.length === 0 ? [data.length] : [0x82, ...long];
  return Buffer.concat([Buffer.from([tag, ...length]), data]);
}

const sequence = (...content: Buffer[]): Buffer => der(0x30, ...content);

const objectId = (bytes: readonly number[]): Buffer => der(0x06, Buffer.from(bytes));

/** `260131120000Z` */
const utcTime = (date: Date): Buffer =>
  der(0x17, Buffer.from(`${date.toISOString().replace(/\D/g, '').slice(2, 14)}Z`));

const pem = (data: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${data.toString('base64').replace(/(.{64})/g, '$1\n')}\n-----END CERTIFICATE-----\n`;
