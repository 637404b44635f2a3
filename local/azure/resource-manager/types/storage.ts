import type { LocalCloud, StoragePlane } from "../../cloud.ts";
import { type AnyResourceType, defineType, echo, madeOnce, outputsBefore } from "../define-type.ts";
import { canonical, idInGroup, nameOf } from "../resource-id.ts";
import { AzureError, type ResourceId } from "../resource-type.ts";
import { type Failure, failIf, locationRules, mustBeOneOf, mustMatch, normalLocation } from "../rules.ts";

type StorageAccountInputs = {
  resourceGroupName: string;
  accountName: string;
  location: string;
  kind: string;
  sku: { name: string };
  publicNetworkAccess?: string;
};

const accountPath = (name: string) => `Microsoft.Storage/storageAccounts/${name}`;
const kinds = ["Storage", "StorageV2", "BlobStorage", "FileStorage", "BlockBlobStorage"];

export const storageAccount = defineType<StorageAccountInputs>({
  type: "azure-native:storage:StorageAccount",
  replaceOn: ["resourceGroupName", "accountName", "location", "isHnsEnabled"],
  autoname: { property: "accountName", as: "random" },
  id: ({ resourceGroupName, accountName }, cloud) => idInGroup(cloud, resourceGroupName, accountPath(accountName)),
  check: ({ accountName, location, kind }) => [
    // Naming rules and restrictions for Azure resources, Microsoft.Storage
    ...mustMatch("accountName", accountName, /^[a-z0-9]{3,24}$/, "3 to 24 lower-case letters and digits"),
    ...locationRules(location),
    ...mustBeOneOf("kind", kind, kinds),
  ],
  put(id, inputs, cloud) {
    const taken = cloud.state
      .list(storageAccount.type)
      .some((other) => nameOf(other.id) === nameOf(id) && canonical(other.id) !== canonical(id));
    if (taken) {
      throw new AzureError(
        409,
        "StorageAccountAlreadyTaken",
        `The storage account named ${nameOf(id)} is already taken.`,
      );
    }
    const before = outputsBefore(id, cloud);
    const { storage: domain } = cloud.environment;
    const service = (name: string) => `https://${nameOf(id)}.${name}.${domain}/`;
    return Promise.resolve({
      allowBlobPublicAccess: false,
      allowSharedKeyAccess: true,
      enableHttpsTrafficOnly: true,
      minimumTlsVersion: "TLS1_0",
      publicNetworkAccess: "Enabled",
      ...echo(id, inputs, ["resourceGroupName", "accountName"]),
      location: normalLocation(inputs.location),
      creationTime: madeOnce(before, "creationTime", () => new Date().toISOString()),
      primaryEndpoints: {
        blob: service("blob"),
        dfs: service("dfs"),
        file: service("file"),
        queue: service("queue"),
        table: service("table"),
        web: `https://${nameOf(id)}.z6.web.${domain}/`,
      },
      primaryLocation: normalLocation(inputs.location),
      statusOfPrimary: "available",
      provisioningState: "Succeeded",
    });
  },
  delete: (id, cloud) => cloud.storage.deleteAccount(nameOf(id)),
});

type PartInputs = { resourceGroupName: string; accountName: string; [name: string]: unknown };

/** Containers, queues and tables: what an account's services hold. */
function part(definition: {
  readonly resource: string;
  readonly nameInput: string;
  readonly path: string;
  readonly rule: (name: string | undefined) => Failure[];
  readonly create: (plane: StoragePlane, account: string, name: string) => Promise<void>;
  readonly remove: (plane: StoragePlane, account: string, name: string) => Promise<void>;
}): AnyResourceType {
  const { nameInput } = definition;
  const accountOf = (id: ResourceId) => /\/storageAccounts\/([^/]+)/i.exec(id)?.[1] ?? "";
  return defineType<PartInputs>({
    type: `azure-native:storage:${definition.resource}`,
    replaceOn: ["resourceGroupName", "accountName", nameInput],
    autoname: { property: nameInput, as: "copy" },
    id: (inputs, cloud) =>
      idInGroup(
        cloud,
        inputs.resourceGroupName,
        `${accountPath(inputs.accountName)}/${definition.path}/${String(inputs[nameInput])}`,
      ),
    check: (inputs) => definition.rule(inputs[nameInput] as string | undefined),
    async put(id, inputs, cloud) {
      await definition.create(cloud.storage, accountOf(id), nameOf(id));
      return { ...echo(id, inputs, ["resourceGroupName", "accountName"]), [nameInput]: nameOf(id) };
    },
    delete: (id, cloud: LocalCloud) => definition.remove(cloud.storage, accountOf(id), nameOf(id)),
  });
}

const hyphenated = /^(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;
const hyphenatedAllowed =
  "3 to 63 lower-case letters, digits and hyphens, no two hyphens in a row, a letter or digit at both ends";

export const blobContainer = part({
  resource: "BlobContainer",
  nameInput: "containerName",
  path: "blobServices/default/containers",
  // Naming and referencing containers, blobs, and metadata
  rule: (name) => mustMatch("containerName", name, hyphenated, hyphenatedAllowed),
  create: (plane, account, name) => plane.ensureContainer(account, name),
  remove: (plane, account, name) => plane.deleteContainer(account, name),
});

export const queue = part({
  resource: "Queue",
  nameInput: "queueName",
  path: "queueServices/default/queues",
  // Naming queues and metadata
  rule: (name) => mustMatch("queueName", name, hyphenated, hyphenatedAllowed),
  create: (plane, account, name) => plane.ensureQueue(account, name),
  remove: (plane, account, name) => plane.deleteQueue(account, name),
});

export const storageTable = part({
  resource: "Table",
  nameInput: "tableName",
  path: "tableServices/default/tables",
  // Understanding the Table service data model: table names
  rule: (name) => [
    ...mustMatch("tableName", name, /^[a-z][a-z0-9]{2,62}$/i, "3 to 63 letters and digits, beginning with a letter"),
    ...failIf(name?.toLowerCase() === "tables", "tableName", "'tables' is reserved"),
  ],
  create: (plane, account, name) => plane.ensureTable(account, name),
  remove: (plane, account, name) => plane.deleteTable(account, name),
});

/** Settings of an account's services, which exist as soon as the account does. */
function serviceProperties(service: "Blob" | "Queue" | "Table", nameInput: string): AnyResourceType {
  return defineType<PartInputs>({
    type: `azure-native:storage:${service}ServiceProperties`,
    replaceOn: ["resourceGroupName", "accountName"],
    existsWithParent: true,
    id: ({ resourceGroupName, accountName }, cloud) =>
      idInGroup(cloud, resourceGroupName, `${accountPath(accountName)}/${service.toLowerCase()}Services/default`),
    check: (inputs) => mustBeOneOf(nameInput, inputs[nameInput] as string | undefined, ["default"]),
    put: (id, inputs) => Promise.resolve(echo(id, inputs, ["resourceGroupName", "accountName", nameInput])),
  });
}

export const blobServiceProperties = serviceProperties("Blob", "blobServicesName");
export const queueServiceProperties = serviceProperties("Queue", "queueServiceName");
export const tableServiceProperties = serviceProperties("Table", "tableServiceName");
