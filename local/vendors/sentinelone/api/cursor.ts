import { InvalidParameter } from "./errors.ts";

/**
 * What a cursor remembers. `position`: how many rows came before, so that a row that moves shifts those behind it; nobody has published
 * that the console does better. `key`: the last row's sort value and id, which nothing can shift.
 */
export type CursorKind = "position" | "key";

export type Cursor =
  | { readonly kind: "position"; readonly offset: number }
  | { readonly kind: "key"; readonly value: number | string; readonly id: string };

/** Opaque to the client: base64. */
export const cursorAfter = (kind: CursorKind, offset: number, value: number | string, id: string): string =>
  Buffer.from(kind === "position" ? `row:${offset}` : `key:${JSON.stringify([value, id])}`).toString("base64");

export function readCursor(text: string): Cursor {
  const plain = Buffer.from(text, "base64").toString("utf8");
  const position = /^row:(\d+)$/.exec(plain);
  if (position) return { kind: "position", offset: Number(position[1]) };
  const key = /^key:\[("(?:[^"\\]|\\.)*"|-?[\d.e+]+),"([\w-]+)"\]$/.exec(plain);
  if (key) return { kind: "key", value: JSON.parse(key[1] ?? "") as number | string, id: key[2] ?? "" };
  throw new InvalidParameter("cursor", "Invalid cursor.");
}
