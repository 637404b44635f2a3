import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type Vendor, vendors, withoutCommentLines } from "./catalog.ts";
import { attackFile, attackProblems } from "./catalog-attack.ts";

const queryFile = z.strictObject({
  displayName: z.string().min(1),
  description: z.string().min(1),
  /** What the query looks for. A question of hygiene is for no technique. */
  attack: attackFile.default({}),
});

/** A hunting query of Microsoft Sentinel, from `kql/<vendor>/hunting/<name>/`: `query.json` and `query.kql`. */
export interface HuntingQuery extends Readonly<z.infer<typeof queryFile>> {
  readonly vendor: Vendor;
  readonly name: string;
  /** `<vendor>-<name>`. */
  readonly id: string;
  readonly query: string;
}

/** Every hunting query, by vendor and name. Throws one error that lists everything wrong. */
export function readHuntingQueries(root: string = import.meta.dirname): readonly HuntingQuery[] {
  const problems: string[] = [];
  const queries = vendors.flatMap((vendor) =>
    queryFolders(root, vendor).flatMap((name): HuntingQuery[] => {
      const folder = join(root, vendor, "hunting", name);
      try {
        const own = queryFile.parse(JSON.parse(readFileSync(join(folder, "query.json"), "utf8")));
        const query = withoutCommentLines(readFileSync(join(folder, "query.kql"), "utf8"));
        problems.push(...attackProblems(own.attack).map((problem) => `${vendor}/hunting/${name}: ${problem}`));
        return [{ ...own, vendor, name, id: `${vendor}-${name}`, query }];
      } catch (error) {
        const told = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
        problems.push(`${vendor}/hunting/${name}: ${told}`);
        return [];
      }
    }),
  );
  const names = queries.map(({ displayName }) => displayName);
  problems.push(
    ...names.filter((name, index) => names.indexOf(name) !== index).map((name) => `"${name}" is there twice`),
  );
  if (problems.length > 0) {
    throw new Error(
      `The hunting queries below kql/ are not valid:\n${problems.map((problem) => `- ${problem}`).join("\n")}`,
    );
  }
  return queries;
}

function queryFolders(root: string, vendor: Vendor): string[] {
  const folder = join(root, vendor, "hunting");
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}
