import { expect, test } from "vitest";
import { type Answer, renderNotebook } from "../../../../local/azure/portal/notebook.ts";

const parameters = {
  type: 9,
  name: "parameters",
  content: {
    parameters: [
      { name: "Time", value: { durationMs: 7 * 86_400_000 }, typeSettings: {} },
      { name: "Wood", quote: "'", value: ["value::all"], typeSettings: { selectAllValue: "*" } },
      { name: "Bird", quote: "'", value: ["owl", "lark"], typeSettings: {} },
    ],
  },
};
const heading = { type: 1, name: "heading", content: { json: "## Tonight\nBring a lamp." } };
const tile = (name: string, query: string, more: object = {}) => ({
  type: 3,
  name,
  content: { query, title: name, visualization: "table", ...more },
});
const text = (...items: readonly object[]) => JSON.stringify({ version: "Notebook/1.0", items });

/** Answers every query with these rows, and keeps what was asked. */
function workspace(answer: Answer) {
  const asked: string[] = [];
  const ask = (query: string) => {
    asked.push(query);
    return Promise.resolve(answer);
  };
  return { asked, ask };
}
const owls: Answer = {
  columns: [
    { name: "Name", type: "string" },
    { name: "OwlId", type: "long" },
  ],
  rows: [
    ["Barn owl", 7],
    ["Tawny owl", 9],
  ],
};

test("every parameter has its default: a time, all values as one, or the chosen ones", async () => {
  const { asked, ask } = workspace(owls);
  const tiles = await renderNotebook(
    text(heading, parameters, tile("owls", "Owls | where At {Time} and Wood in ({Wood}) and Bird in ({Bird})")),
    ask,
  );
  expect(asked).toEqual(["Owls | where At > ago(7d) and Wood in ('*') and Bird in ('owl','lark')"]);
  expect(tiles).toEqual([{ ...owls, section: "Tonight", name: "owls", title: "owls", visualization: "table" }]);
});

test("a tile that selects something has its first row clicked", async () => {
  const { asked, ask } = workspace(owls);
  const exportedParameters = [{ fieldName: "OwlId", parameterName: "Owl" }];
  await renderNotebook(
    text(tile("owls", "Owls", { exportedParameters }), tile("owl", "Owls | where Id == {Owl}")),
    ask,
  );
  expect(asked).toEqual(["Owls", "Owls | where Id == 7"]);
});

test("an error names the tile", async () => {
  const refuse = () => Promise.reject(new Error("there is no table Owls"));
  await expect(renderNotebook(text(tile("owls", "Owls")), refuse)).rejects.toThrow("Tile owls: there is no table Owls");
  const { ask } = workspace(owls);
  await expect(renderNotebook(text(tile("owls", "Owls | where Moon == {Moon}")), ask)).rejects.toThrow(
    "Tile owls speaks of {Moon}, which nothing sets before it.",
  );
});
