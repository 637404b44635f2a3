/** Azure clouds that the connector runs in, by what the azure-native provider calls them (`azure-native:environment`). */
export const clouds = ["public", "usgovernment"] as const;
export type Cloud = (typeof clouds)[number];

export interface CloudFacts {
  /** Host of Azure Resource Manager; its token is for the same name. */
  readonly resourceManager: string;
  /** Where whoever deploys signs in. */
  readonly authority: string;
  /** Token audience of the Logs Ingestion API. */
  readonly ingestionAudience: string;
  /** Where workspaces are queried; its token is for the same name. */
  readonly logs: string;
  /** What the worker runs on: US Government has no Flex Consumption. */
  readonly hosting: "flex" | "premium";
}

/** What no resource tells, and is not the same everywhere. All other addresses come from outputs, and role ids are the same in every cloud. */
export const cloudFacts: Readonly<Record<Cloud, CloudFacts>> = {
  public: {
    resourceManager: "management.azure.com",
    authority: "https://login.microsoftonline.com",
    ingestionAudience: "https://monitor.azure.com",
    logs: "https://api.loganalytics.io",
    hosting: "flex",
  },
  usgovernment: {
    resourceManager: "management.usgovcloudapi.net",
    authority: "https://login.microsoftonline.us",
    ingestionAudience: "https://monitor.azure.us",
    logs: "https://api.loganalytics.us",
    hosting: "premium",
  },
};
