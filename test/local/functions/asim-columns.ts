import type { AsimSchema } from "../../../kql/catalog-asim.ts";

/** Type of each column that is no text. */
export const columnTypes: Readonly<Record<string, string>> = {
  TimeGenerated: "datetime",
  EventStartTime: "datetime",
  EventEndTime: "datetime",
  EventCount: "int",
  ThreatConfidence: "int",
  ThreatFirstReportedTime: "datetime",
  ThreatLastReportedTime: "datetime",
  ThreatIsActive: "bool",
  FileSize: "long",
  DnsResponseCode: "int",
  DnsQueryType: "int",
  DnsQueryClass: "int",
  SrcPortNumber: "int",
  DstPortNumber: "int",
  TargetFileCreationTime: "datetime",
  TargetProcessCreationTime: "datetime",
  ActingProcessCreationTime: "datetime",
  ParentProcessCreationTime: "datetime",
  AdditionalFields: "dynamic",
};

/** Alias → columns of which it repeats the first that has a value. */
export const aliases: Readonly<Partial<Record<AsimSchema, Readonly<Record<string, readonly string[]>>>>> = {
  AlertEvent: {
    AlertId: ["EventUid"],
    AlertDescription: ["EventMessage"],
    Hostname: ["DvcHostname"],
    IpAddr: ["DvcIpAddr"],
    User: ["Username"],
  },
  AuditEvent: {
    User: ["ActorUsername"],
    IpAddr: ["SrcIpAddr"],
    Value: ["NewValue"],
    Application: ["TargetAppName"],
    Rule: ["RuleName"],
  },
  Authentication: { User: ["TargetUsername"], IpAddr: ["SrcIpAddr"] },
  Dns: {
    Domain: ["DnsQuery"],
    DnsResponseCodeName: ["EventResultDetails"],
    Hostname: ["SrcHostname"],
    IpAddr: ["SrcIpAddr"],
    User: ["SrcUsername"],
    Process: ["SrcProcessName"],
    Rule: ["RuleName"],
  },
  FileEvent: {
    User: ["ActorUsername"],
    FilePath: ["TargetFilePath"],
    FileName: ["TargetFileName"],
    Hash: ["TargetFileSHA256", "TargetFileSHA1"],
    Process: ["ActingProcessName"],
    Rule: ["RuleName"],
  },
  NetworkSession: {
    IpAddr: ["SrcIpAddr"],
    Hostname: ["DstHostname"],
    User: ["DstUsername"],
    Process: ["DstProcessName"],
    Rule: ["NetworkRuleName"],
  },
  ProcessEvent: {
    User: ["TargetUsername"],
    CommandLine: ["TargetProcessCommandLine"],
    Hash: ["TargetProcessSHA256", "TargetProcessSHA1"],
    Process: ["TargetProcessName"],
    Rule: ["RuleName"],
  },
  RegistryEvent: { User: ["ActorUsername"], Process: ["ActingProcessName"], Rule: ["RuleName"] },
  UserManagement: { User: ["ActorUsername"], IpAddr: ["SrcIpAddr"] },
};
