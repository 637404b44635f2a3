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

export const operation = {
  // Azure Monitor reference, "Operation"
  name: "Operation",
  columns: [
    { name: "TimeGenerated", type: "dateTime" },
    { name: "OperationStatus", type: "string" },
    { name: "OperationCategory", type: "string" },
    { name: "Solution", type: "string" },
    { name: "Detail", type: "string" },
    { name: "HelpLink", type: "string" },
    { name: "Computer", type: "string" },
    { name: "CorrelationId", type: "string" },
    { name: "OperationKey", type: "string" },
    { name: "SourceSystem", type: "string" },
  ],
} as const;

export const builtInTables = [dcrLogErrors, operation];
