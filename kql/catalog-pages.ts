import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type Vendor, withoutCommentLines } from "./catalog.ts";

const text = z.string().min(1);

const pageFile = z.strictObject({
  title: text,
  /** Markdown. */
  description: text,
  /** What to ask of the data; `query` names `<query>.kql` beside this file. */
  questions: z.array(z.strictObject({ question: text, query: text })).min(1),
  /** What somebody must have before the first step, besides the workspace. */
  permissions: z.array(z.strictObject({ name: text, description: text })),
  /** What a user does, in order, in Markdown; a step that `asks` shows the questions below its text. */
  steps: z.array(z.strictObject({ title: text, text, asks: z.boolean().default(false) })).min(1),
});

/** A vendor's page among Sentinel's data connectors, from `kql/<vendor>/connector-page/`. */
export interface ConnectorPage extends Readonly<z.infer<typeof pageFile>> {
  readonly vendor: Vendor;
  /** Query whose one row says in `IsConnected` whether the vendor's data arrives. */
  readonly connected: string;
}

/** A vendor's page, every `query` its text. Throws an error that names the file. */
export function readConnectorPage(vendor: Vendor, root: string = import.meta.dirname): ConnectorPage {
  const folder = join(root, vendor, "connector-page");
  const query = (name: string) => withoutCommentLines(readFileSync(join(folder, `${name}.kql`), "utf8"));
  try {
    const { questions, ...page } = pageFile.parse(JSON.parse(readFileSync(join(folder, "page.json"), "utf8")));
    return {
      ...page,
      vendor,
      connected: query("connected"),
      questions: questions.map((asked) => ({ ...asked, query: query(asked.query) })),
    };
  } catch (error) {
    const told = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new Error(`kql/${vendor}/connector-page is not valid: ${told}`, { cause: error });
  }
}
