/** A property of Table storage holds 64 KiB of binary, an entity 1 MiB: longer data continues in `name1`, `name2`, …. */
const propertySize = 60_000;

/** Spreads bytes over properties. */
export function pack(name: string, bytes: Buffer): Record<string, Uint8Array> {
  const properties: Record<string, Uint8Array> = {};
  for (let i = 0; i === 0 || i * propertySize < bytes.length; i++) {
    properties[i === 0 ? name : `${name}${i}`] = bytes.subarray(i * propertySize, (i + 1) * propertySize);
  }
  return properties;
}

/** Puts them together again. */
export function unpack(name: string, entity: object): Buffer {
  const properties = entity as Record<string, Uint8Array | undefined>;
  const parts: Uint8Array[] = [];
  for (let i = 0; ; i++) {
    const part = properties[i === 0 ? name : `${name}${i}`];
    if (!part) return Buffer.concat(parts);
    parts.push(part);
  }
}
