import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import AdmZip from "adm-zip";

/** What an instance has for the unpacked package, at most. Source: Flex Consumption plan, temporary storage. */
const unpackedBytes = 800 * 1024 * 1024;
const symbolicLink = 0o120000;

/** Unpacks a package below a folder that does not exist yet; throws on what is no zip, is damaged, or would write anywhere else. */
export async function unpack(zip: Uint8Array, folder: string): Promise<void> {
  const entries = open(zip)
    .getEntries()
    .filter((entry) => !entry.isDirectory);
  if (entries.length === 0) throw new Error("The package is empty.");
  const size = entries.reduce((sum, { header }) => sum + header.size, 0);
  if (size > unpackedBytes) throw new Error(`The package unpacks to ${size} bytes; an instance has ${unpackedBytes}.`);
  for (const entry of entries) {
    const name = entry.rawEntryName.toString();
    if (!staysInside(name)) throw new Error(`The package has an entry outside its root: ${JSON.stringify(name)}.`);
    if (((entry.attr >>> 16) & 0o170000) === symbolicLink)
      throw new Error(`The package has a symbolic link, ${JSON.stringify(name)}: pack the file itself.`);
    const target = join(folder, name);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    // Reading checks the entry's CRC.
    await writeFile(target, read(entry, name), { flag: "wx", mode: 0o600 });
  }
}

function open(zip: Uint8Array): AdmZip {
  try {
    return new AdmZip(Buffer.from(zip.buffer, zip.byteOffset, zip.byteLength));
  } catch (error) {
    throw new Error(`The package is no zip file (${(error as Error).message}).`, { cause: error });
  }
}

function read(entry: AdmZip.IZipEntry, name: string): Buffer {
  try {
    return entry.getData();
  } catch (error) {
    throw new Error(`Entry ${JSON.stringify(name)} of the package is damaged (${(error as Error).message}).`, {
      cause: error,
    });
  }
}

const staysInside = (name: string) => !/^[/\\]|^[a-z]:|\\|\0/i.test(name) && !name.split("/").includes("..");
