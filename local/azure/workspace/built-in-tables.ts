/** Tables that Log Analytics has in every workspace, as far as the connector reads or fills them. */
export const dcrLogErrors = {
  // Azure Monitor reference, "DCRLogErrors"
  name: "DCRLogErrors",
  columns: [
    { name: "TimeGenerated", type: "dateTime" },
    { name: "OperationName", type: "string" },
    { name: "InputStreamId", type: "string" },
    { name: "Message", type: "string" },
    { name: "CorrelationId", type: "string" },
    { name: "ClientRequestId", type: "string" },
    { name: "SourceSystem", type: "string" },
  ],
} as const;

export const builtInTables = [dcrLogErrors];
