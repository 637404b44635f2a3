/** Azure clouds that the connector runs in. */
export const clouds = ["public"] as const;
export type Cloud = (typeof clouds)[number];

/** Token audience of the Logs Ingestion API: the one address that no resource tells. Everything else comes from outputs. */
export const ingestionAudience: Readonly<Record<Cloud, string>> = { public: "https://monitor.azure.com" };
