import { WEEK } from "../../time.ts";
import { ACTIVITY_KINDS } from "../activities/catalog.ts";
import type { List } from "../api/list.ts";

const keys = ACTIVITY_KINDS.map(({ id }) => String(id));

/** What the console calls its activity types: one answer, without pages, whatever is asked. Each week a release words one type anew. */
export const activityTypesList: List = {
  stream: "activity-types",
  path: "/activities/types",
  permission: "Activity Page.view",
  page: (_, now) => JSON.stringify({ data: ACTIVITY_KINDS.map((_kind, index) => describeType(index, now)) }),
  keys: () => keys,
  everShown: () => keys,
};

function describeType(index: number, now: number): Record<string, unknown> {
  const { id, action, template } = ACTIVITY_KINDS[index] as (typeof ACTIVITY_KINDS)[number];
  const release = Math.floor(now / WEEK);
  const isNew = release % ACTIVITY_KINDS.length === index;
  return { action, descriptionTemplate: isNew ? `${template} (release ${release})` : template, id };
}
