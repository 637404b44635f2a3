import { CursorRefused } from "../errors.ts";
import { appendMember } from "../json.ts";
import type { Page, PageRequest, SourceRecord } from "../stream.ts";
import { ConsoleFeed } from "./console-feed.ts";
import { type PageReader, pageReader } from "./page.ts";

const name = "applications";
const root = "/application-management/inventory";
const pageSize = "1000";

const readApplications = pageReader({ name, key: ["applicationName", "applicationVendor"] });
const readEndpoints = pageReader({ name, key: ["id"], inventory: { id: "id", volatile: [] } });

interface Application {
  readonly name: string;
  readonly vendor: string;
}

/** Next is the application behind `after`, from `cursor` on. */
interface Place {
  readonly after?: Application;
  readonly cursor?: string;
}

/** The application inventory in two levels: the list of applications, and the endpoints of each. */
export class ApplicationsFeed extends ConsoleFeed {
  /** Read once a run: a few pages, so that nothing but the place in it has to be kept between runs. */
  #list: readonly Application[] | undefined;

  async read({ continuation, scope }: PageRequest): Promise<Page> {
    const { after, cursor }: Place = continuation === undefined ? {} : (JSON.parse(continuation) as Place);
    this.#list ??= await this.#readList(scope);
    const application = following(this.#list, after);
    if (!application) return { records: [] };
    const page = await this.#endpoints(application, scope, cursor);
    const records = page.records.map((record) => withVendor(record, application));
    if (page.continuation === undefined) return { records, continuation: write({ after: application }) };
    // By the next run the console may have forgotten its cursor: that run begins with the application.
    const beginning: Place = after ? { after } : {};
    return { records, continuation: write({ ...beginning, cursor: page.continuation }), resume: write(beginning) };
  }

  protected override hear(): Promise<unknown> {
    return this.#listPage(this.client.connection.siteIds?.[0]);
  }

  async #readList(site: string | undefined): Promise<readonly Application[]> {
    const found = new Map<string, Application>();
    const asked = new Set<string>();
    let cursor: string | undefined;
    do {
      const page = await this.#listPage(site, cursor);
      for (const record of page.records) found.set(record.key, applicationOf(record));
      cursor = page.continuation;
      if (cursor !== undefined && asked.has(cursor)) throw new CursorRefused();
      asked.add(cursor ?? "");
    } while (cursor !== undefined);
    return [...found.values()];
  }

  #listPage(site: string | undefined, cursor?: string): Promise<Page> {
    return this.#get(root, { siteIds: site, sortBy: "applicationName", cursor }, readApplications);
  }

  #endpoints({ name, vendor }: Application, site: string | undefined, cursor: string | undefined): Promise<Page> {
    const query = { applicationName: name, applicationVendor: vendor, siteIds: site, sortBy: "detectionDate", cursor };
    return this.#get(`${root}/endpoints`, query, readEndpoints);
  }

  #get(path: string, query: Readonly<Record<string, string | undefined>>, read: PageReader): Promise<Page> {
    return this.client.get({
      path,
      query: { ...query, limit: pageSize, sortOrder: "asc", skipCount: "true" },
      feed: name,
      permission: "Applications Page.view",
      // Both levels draw on one budget, of three requests a second without a burst.
      pacedAs: root,
      requestsPerSecond: 2.8,
      read,
      caller: this.caller,
    });
  }
}

/** The application behind another; the first one where that is gone from the list, since there is no telling where it stood. */
function following(list: readonly Application[], after: Application | undefined): Application | undefined {
  return list[list.findIndex(({ name, vendor }) => name === after?.name && vendor === after.vendor) + 1];
}

const write = (place: Place): string => JSON.stringify(place);

/** The endpoints' rows do not say whose application it is. */
function withVendor(record: SourceRecord, { vendor }: Application): SourceRecord {
  const json = appendMember(record.json, "connectorApplicationVendor", JSON.stringify(vendor));
  return { ...record, json, key: `${record.key}|${vendor}`, content: `${record.content ?? ""}|${vendor}` };
}

function applicationOf({ json }: SourceRecord): Application {
  const { applicationName, applicationVendor } = JSON.parse(json.toString("utf8")) as Readonly<Record<string, unknown>>;
  return { name: textOf(applicationName), vendor: textOf(applicationVendor) };
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
