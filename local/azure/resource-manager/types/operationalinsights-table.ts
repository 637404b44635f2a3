import type { LocalCloud } from "../../cloud.ts";
import { defineType, echo, outputsBefore, stored } from "../define-type.ts";
import { idInGroup, nameOf, parentOf } from "../resource-id.ts";
import { AzureError, type ResourceId } from "../resource-type.ts";
import { type Failure, failIf, mustBeOneOf, mustMatch } from "../rules.ts";
import { workspacePath } from "./operationalinsights.ts";

type Column = { name: string; type: string; description?: string };
type TableInputs = {
  resourceGroupName: string;
  workspaceName: string;
  tableName: string;
  plan?: string;
  retentionInDays?: number;
  totalRetentionInDays?: number;
  schema?: { name?: string; columns?: Column[]; description?: string };
};

/** Azure Monitor docs, create-custom-table: types of a table's columns (the published ARM schema spells them so). */
const columnTypes = ["string", "int", "long", "real", "boolean", "dateTime", "guid", "dynamic"];

/** Azure Monitor docs, create-custom-table: names that custom columns cannot have. */
const reservedColumns = [
  ["id", "BilledSize", "IsBillable", "InvalidTimeGenerated", "TenantId", "Title", "Type", "UniqueId"],
  ["_ItemId", "_ResourceGroup", "_ResourceId", "_SubscriptionId", "_TimeReceived"],
].flat();

/** Azure Monitor docs, data-retention-configure: long-term retention is counted in days up to two years, then in years. */
const yearsInDays = [1095, 1460, 1826, 2191, 2556, 2922, 3288, 3653, 4018, 4383];

/** Columns that Log Analytics adds to every table. */
const standardColumns = [
  { name: "TenantId", type: "guid", description: "The Log Analytics workspace ID" },
  { name: "Type", type: "string", description: "The name of the table" },
  { name: "_ResourceId", type: "string", description: "A unique identifier for the resource the record is about" },
];

export const table = defineType<TableInputs>({
  type: "azure-native:operationalinsights:Table",
  replaceOn: ["resourceGroupName", "workspaceName", "tableName"],
  autoname: { property: "tableName", as: "copy" },
  id: ({ resourceGroupName, workspaceName, tableName }, cloud) =>
    idInGroup(cloud, resourceGroupName, `${workspacePath(workspaceName)}/tables/${tableName}`),
  check: ({ tableName, plan, retentionInDays, totalRetentionInDays, schema }) => [
    // Azure Monitor docs, create-custom-table
    ...mustMatch(
      "tableName",
      tableName,
      /^[a-z][a-z0-9_]{0,59}_CL$/i,
      "a custom table's name begins with a letter, has letters, digits and underscores, and ends with _CL",
    ),
    ...mustBeOneOf("plan", plan, ["Analytics", "Basic", "Auxiliary"]),
    ...retentionRules(plan, retentionInDays, totalRetentionInDays),
    ...failIf(
      schema?.name !== undefined && tableName !== undefined && schema.name !== tableName,
      "schema.name",
      `'${schema?.name}' is not the table's name, ${tableName}`,
    ),
    ...columnRules(schema?.columns ?? []),
  ],
  async put(id, inputs, cloud) {
    const columns = inputs.schema?.columns ?? [];
    refuseClassic(id, cloud);
    requireSameTypes(id, columns, cloud);
    const lastPlanModifiedDate = planChange(id, inputs.plan, cloud);
    const workspaceId = parentOf(id) ?? "";
    await cloud.workspaces.ensureTable(workspaceId, {
      name: nameOf(id),
      columns: columns.map(({ name, type }) => ({ name, type })),
    });
    const ofWorkspace = stored(workspaceId, cloud)?.outputs["retentionInDays"];
    const asDefault = inputs.retentionInDays === undefined || inputs.retentionInDays === -1;
    const totalAsDefault = inputs.totalRetentionInDays === undefined || inputs.totalRetentionInDays === -1;
    const defaultDays = hasFixedDays(inputs.plan) ? fixedDays : (ofWorkspace ?? 30);
    const retentionInDays = Number(asDefault ? defaultDays : inputs.retentionInDays);
    const totalRetentionInDays = Number(totalAsDefault ? retentionInDays : inputs.totalRetentionInDays);
    return {
      plan: "Analytics",
      ...(lastPlanModifiedDate !== undefined && { lastPlanModifiedDate }),
      ...echo(id, inputs, ["resourceGroupName", "workspaceName", "tableName"]),
      schema: {
        ...inputs.schema,
        columns,
        tableType: "CustomLog",
        tableSubType: "DataCollectionRuleBased",
        standardColumns,
      },
      retentionInDays,
      retentionInDaysAsDefault: asDefault,
      totalRetentionInDays,
      totalRetentionInDaysAsDefault: totalAsDefault,
      archiveRetentionInDays: totalRetentionInDays - retentionInDays,
      provisioningState: "Succeeded",
    };
  },
  delete: (id, cloud) => cloud.workspaces.deleteTable(parentOf(id) ?? "", nameOf(id)),
});

const fixedDays = 30;
const hasFixedDays = (plan: string | undefined) => plan === "Basic" || plan === "Auxiliary";

/** When the plan was changed last. Azure Monitor docs, logs-table-plans: between Analytics and Basic once a week, and never to or from Auxiliary. */
function planChange(id: ResourceId, plan = "Analytics", cloud: LocalCloud): string | undefined {
  const { plan: before, lastPlanModifiedDate: changed } = outputsBefore(id, cloud) as {
    readonly plan?: string;
    readonly lastPlanModifiedDate?: string;
  };
  if (before === undefined || before === plan) return changed;
  const week = 7 * 24 * 3_600_000;
  if (before !== "Auxiliary" && plan !== "Auxiliary" && !(Date.now() - Date.parse(changed ?? "") < week)) {
    return new Date().toISOString();
  }
  throw new AzureError(
    400,
    "InvalidParameter",
    `Table ${nameOf(id)} is of plan ${before} and cannot become ${plan}: a plan changes once a week, and Auxiliary not at all.`,
  );
}

function retentionRules(plan: string | undefined, days: number | undefined, total: number | undefined): Failure[] {
  const isSet = (value: number | undefined): value is number => value !== undefined && value !== -1;
  return [
    ...failIf(
      isSet(days) && hasFixedDays(plan) && days !== fixedDays,
      "retentionInDays",
      `${days} is not valid: a table of plan ${plan} has ${fixedDays} days`,
    ),
    ...failIf(
      isSet(days) && (days < 4 || days > 730),
      "retentionInDays",
      `${days} is not valid: 4 to 730 days, or -1 for the workspace's`,
    ),
    ...failIf(
      isSet(total) && !(total >= 4 && total <= 730) && !yearsInDays.includes(total),
      "totalRetentionInDays",
      `${total} is not valid: 4 to 730 days, or one of ${yearsInDays.join(", ")}, or -1 for the table's`,
    ),
    ...failIf(
      isSet(days) && isSet(total) && total < days,
      "totalRetentionInDays",
      `${total} is less than the table's retention of ${days} days`,
    ),
  ];
}

function columnRules(columns: readonly Column[]): Failure[] {
  const names = columns.map(({ name }) => name);
  const timeGenerated = columns.find(({ name }) => name === "TimeGenerated");
  return [
    ...columns.flatMap(({ name, type }, index) => [
      ...mustMatch(
        `schema.columns[${index}].name`,
        name,
        /^[a-z][a-z0-9_]{1,44}$/i,
        "2 to 45 letters, digits and underscores, beginning with a letter",
      ),
      ...failIf(reservedColumns.includes(name), `schema.columns[${index}].name`, `'${name}' is reserved`),
      ...failIf(names.indexOf(name) !== index, `schema.columns[${index}].name`, `'${name}' is there twice`),
      ...mustBeOneOf(`schema.columns[${index}].type`, type, columnTypes),
    ]),
    ...failIf(
      columns.length > 0 && timeGenerated?.type !== "dateTime",
      "schema.columns",
      "a table needs the column TimeGenerated of type dateTime",
    ),
    ...failIf(columns.length > 500, "schema.columns", `${columns.length} columns: at most 500`),
  ];
}

/** A table of the HTTP Data Collector API is not changed by this API. Source: azure-guardrails-solution-accelerator, pull request 797. */
function refuseClassic(id: ResourceId, cloud: LocalCloud) {
  const schema = outputsBefore(id, cloud)["schema"] as { tableSubType?: string } | undefined;
  if (schema?.tableSubType !== "Classic") return;
  throw new AzureError(
    400,
    "InvalidParameter",
    `Changing Classic table ${nameOf(id)} schema by using DataCollectionRuleBased tables api is forbidden, please migrate the table first or use the appropriate classic table api`,
  );
}

/** Azure Monitor docs, create-custom-table: a column's name cannot be used again with another type. */
function requireSameTypes(id: ResourceId, columns: readonly Column[], cloud: LocalCloud) {
  const before = (outputsBefore(id, cloud)["schema"] as { columns?: Column[] } | undefined)?.columns ?? [];
  for (const { name, type } of columns) {
    const known = before.find((column) => column.name === name);
    if (!known || known.type === type) continue;
    throw new AzureError(
      400,
      "InvalidParameter",
      `Column ${name} of table ${nameOf(id)} is of type ${known.type} and cannot become ${type}.`,
    );
  }
}
