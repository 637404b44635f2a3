import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The columns of Microsoft's parser `SentinelOne`, in its order, each with its type and the places that it is read from: `<feed>:<path in the
 * vendor's record>`, for `classic` the column of the table `SentinelOne_CL`, for `v2` that of `SentinelOneAlertsV2_CL`. Where the vendor spells
 * a key in several ways, each is a place. `!` marks a boolean, `@` a time and `#` a number that the column shows as text; `=` a value that is
 * always the same. One column a line, in `published-columns.txt`.
 */
export const publishedColumns: Readonly<Record<string, readonly [type: string, ...places: readonly string[]]>> =
  Object.fromEntries(
    readFileSync(join(import.meta.dirname, "published-columns.txt"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => {
        const [name = "", type = "", ...places] = line.split(" ");
        return [name, [type, ...places]];
      }),
  );
