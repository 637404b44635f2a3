import "reflect-metadata";
import type { webcrypto } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createSecureContext, type SecureContext } from "node:tls";
import * as x509 from "@peculiar/x509";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const day = 24 * 3600 * 1000;
const authorityDays = 3650;
/** Renewed while it outlives any process that trusts it already. */
const authorityMarginDays = 90;
/** Within the longest life that TLS clients accept for a server. */
const leafDays = 90;
const leafMarginDays = 1;

export interface Leaf {
  /** PEM: the certificate, then the authority's. */
  readonly certificate: string;
  /** PEM, PKCS #8. */
  readonly key: string;
  readonly expiresAt: Date;
}

/** The certificate authority of one local Azure: every client of it trusts this certificate and no other new one. */
export class CertificateAuthority {
  /** PEM. */
  readonly certificate: string;
  readonly #issuer: x509.X509Certificate;
  readonly #key: webcrypto.CryptoKey;
  readonly #leafKeys: webcrypto.CryptoKeyPair;
  readonly #leafKeyPem: string;
  readonly #contexts = new Map<string, Promise<{ context: SecureContext; expiresAt: Date }>>();

  private constructor(
    issuer: x509.X509Certificate,
    key: webcrypto.CryptoKey,
    leafKeys: webcrypto.CryptoKeyPair,
    leafKeyPem: string,
  ) {
    this.#issuer = issuer;
    this.#key = key;
    this.#leafKeys = leafKeys;
    this.#leafKeyPem = leafKeyPem;
    this.certificate = issuer.toString("pem");
  }

  /** Opens the authority kept in this folder, or makes one where there is none or where its end is near; without a folder it lives in memory. */
  static async open(folder?: string): Promise<CertificateAuthority> {
    const { certificate, key } = (folder && (await readAuthority(folder))) || (await createAuthority(folder));
    // One key for all leaves of the process: it never touches the disk, and a new host costs one signature.
    const leafKeys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    return new CertificateAuthority(certificate, key, leafKeys, await exportKey(leafKeys.privateKey));
  }

  /** A server certificate for these host names and IP addresses; the first is its subject. */
  async issue(hosts: readonly [string, ...string[]]): Promise<Leaf> {
    const notAfter = daysFromNow(leafDays);
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      subject: [{ CN: [hosts[0].slice(0, 64)] }],
      issuer: this.#issuer.subject,
      notBefore: daysFromNow(-1),
      notAfter,
      publicKey: this.#leafKeys.publicKey,
      signingKey: this.#key,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.SubjectAlternativeNameExtension(
          hosts.map((host) => ({ type: isAddress(host) ? "ip" : "dns", value: host })),
        ),
        new x509.BasicConstraintsExtension(false),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      ],
    });
    return {
      certificate: `${certificate.toString("pem")}\n${this.certificate}\n`,
      key: this.#leafKeyPem,
      expiresAt: notAfter,
    };
  }

  /** What a TLS server presents to a client that asks for this host; issued on first use, again before it expires. */
  async contextFor(host: string): Promise<SecureContext> {
    const known = await this.#contexts.get(host);
    if (known && known.expiresAt > daysFromNow(leafMarginDays)) return known.context;
    const made = this.issue([host]).then(({ certificate, key, expiresAt }) => ({
      context: createSecureContext({ cert: certificate, key }),
      expiresAt,
    }));
    this.#contexts.set(host, made);
    return (await made).context;
  }
}

async function createAuthority(folder: string | undefined) {
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ CN: ["Local Azure"] }],
    notBefore: daysFromNow(-1),
    notAfter: daysFromNow(authorityDays),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  if (folder) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeAtomically(keyFile(folder), await exportKey(keys.privateKey), 0o600);
    writeAtomically(certificateFile(folder), certificate.toString("pem"), 0o644);
  }
  return { certificate, key: keys.privateKey };
}

/** Nothing where the folder holds no authority that is still good for a while. */
async function readAuthority(folder: string) {
  if (!existsSync(certificateFile(folder)) || !existsSync(keyFile(folder))) return undefined;
  const certificate = new x509.X509Certificate(readFileSync(certificateFile(folder), "utf8"));
  if (certificate.notAfter < daysFromNow(authorityMarginDays)) return undefined;
  chmodSync(keyFile(folder), 0o600);
  const pkcs8 = x509.PemConverter.decodeFirst(readFileSync(keyFile(folder), "utf8"));
  const key = await crypto.subtle.importKey("pkcs8", pkcs8, algorithm, true, ["sign"]);
  // A start that died between the two files leaves a key that is not the certificate's.
  const probe = new Uint8Array([1]);
  const publicKey = await certificate.publicKey.export();
  const matches = await crypto.subtle.verify(
    algorithm,
    publicKey,
    await crypto.subtle.sign(algorithm, key, probe),
    probe,
  );
  return matches ? { certificate, key } : undefined;
}

/** Where clients in other processes find the certificate to trust (`NODE_EXTRA_CA_CERTS`). */
export const certificateFile = (folder: string) => join(folder, "ca.pem");
const keyFile = (folder: string) => join(folder, "ca.key");

function writeAtomically(file: string, text: string, mode: number): void {
  writeFileSync(`${file}.new`, text, { mode });
  renameSync(`${file}.new`, file);
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await crypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");
}

const serialNumber = () => Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("hex");
const daysFromNow = (days: number) => new Date(Date.now() + days * day);
const isAddress = (host: string) => /^[\d.]+$|:/.test(host);
