import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { deflateRawSync, inflateRawSync } from "node:zlib";

/** A key that lives beside the files it protects, readable by their owner alone; made at first use. */
export class SealingKey {
  readonly #key: Buffer;

  /** In memory without a folder. */
  constructor(folder?: string) {
    if (folder === undefined) {
      this.#key = randomBytes(32);
      return;
    }
    const file = join(folder, "state.key");
    if (!existsSync(file)) writeAtomically(file, randomBytes(32).toString("base64"));
    this.#key = Buffer.from(readFileSync(file, "utf8"), "base64");
    if (this.#key.length !== 32) {
      throw new Error(`${file} does not hold a key of 32 bytes. Restore it, or delete the data folder to start anew.`);
    }
  }

  /** AES-256-GCM of the value's JSON, deflated since there are hundreds of them: nonce, tag and text in base64. */
  seal(value: unknown): string {
    const nonce = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonce);
    const text = Buffer.concat([cipher.update(deflateRawSync(JSON.stringify(value))), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString("base64");
  }

  /** Throws if the text was sealed with another key or was changed. */
  open(sealed: string): unknown {
    const bytes = Buffer.from(sealed, "base64");
    const decipher = createDecipheriv("aes-256-gcm", this.#key, bytes.subarray(0, 12));
    decipher.setAuthTag(bytes.subarray(12, 28));
    const text = Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]);
    return JSON.parse(inflateRawSync(text).toString("utf8"));
  }
}

/** Replaces a file in one step, readable by its owner alone: a reader, or a crash, finds the old text or the new. */
export function writeAtomically(file: string, text: string): void {
  const temporary = `${file}.tmp`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(temporary, text, { mode: 0o600 });
    // The mode above counts only for a new file.
    chmodSync(temporary, 0o600);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw cannotSave(file, error);
  }
}

/** What is said of a file that could not be written. */
export function cannotSave(file: string, error: unknown): Error {
  const code = (error as NodeJS.ErrnoException).code;
  const way =
    code === "ENOSPC"
      ? "the disk is full. Free some space, or choose another data folder."
      : `${(error as Error).message}. Make the folder writable, or choose another data folder.`;
  return new Error(`The local Azure cannot save its state in ${file}: ${way}`, { cause: error });
}
