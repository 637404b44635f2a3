import type { AsimSchema } from "../../../kql/catalog-asim.ts";

/**
 * What Microsoft's testers ask of a parser, as far as our parsers meet it.
 * @see https://github.com/Azure/Azure-Sentinel/tree/master/ASIM/dev/ASimTester
 */
export interface SchemaRules {
  /** Columns that must be there, with a value in every row, besides those of every schema. */
  readonly mandatory: readonly string[];
  /** Filtering parameter → column that it filters. */
  readonly filters: Readonly<Record<string, string>>;
  /** Columns with a list of allowed values, besides those of every schema. */
  readonly values: Readonly<Record<string, readonly string[]>>;
}

const results = ["Success", "Partial", "Failure", "NA"];
const usernames = ["UPN", "Windows", "DN", "Simple"];
const users = ["Regular", "Machine", "Admin", "System", "Application", "Service Principal", "Other"];

export const everySchema = {
  mandatory: [
    "TimeGenerated",
    "Type",
    "Dvc",
    "EventCount",
    "EventStartTime",
    "EventEndTime",
    "EventVendor",
    "EventProduct",
    "EventSchema",
    "EventSchemaVersion",
    "EventType",
    "EventResult",
    "EventSeverity",
    "EventUid",
  ],
  values: {
    EventVendor: ["SentinelOne"],
    EventProduct: ["Singularity"],
    EventSchemaVersion: ["1.0.0"],
    EventCount: ["1"],
    EventResult: results,
    EventSeverity: ["Informational", "Low", "Medium", "High"],
    DvcDomainType: ["FQDN", "Windows"],
    DvcIdType: ["Other"],
    ActorUsernameType: usernames,
    TargetUsernameType: usernames,
    SrcUsernameType: usernames,
    DstUsernameType: usernames,
    UsernameType: usernames,
    ActorUserType: users,
    TargetUserType: users,
    SrcUserType: users,
    DstUserType: users,
    UserType: users,
    HashType: ["MD5", "SHA", "SHA256"],
    DvcAction: ["Allow", "Deny"],
  },
} as const;

export const schemas: Readonly<Record<AsimSchema, SchemaRules>> = {
  AlertEvent: {
    mandatory: ["EventSubType", "AlertName", "AlertStatus", "AlertVerdict"],
    filters: {
      ipaddr_has_any_prefix: "DvcIpAddr",
      hostname_has_any: "DvcHostname",
      username_has_any: "Username",
      attacktactics_has_any: "AttackTactics",
      attacktechniques_has_any: "AttackTechniques",
      threatcategory_has_any: "ThreatCategory",
      alertverdict_has_any: "AlertVerdict",
      eventseverity_has_any: "EventSeverity",
    },
    values: {
      EventType: ["Alert"],
      EventSubType: ["Threat", "Suspicious Activity", "Anomaly"],
      AlertStatus: ["Active", "Closed"],
      AlertVerdict: ["True Positive", "False Positive", "Benign Positive", "Unknown"],
      ThreatCategory: [
        "Malware",
        "Ransomware",
        "Trojan",
        "Virus",
        "Worm",
        "Adware",
        "Spyware",
        "Rootkit",
        "Cryptominer",
        "Phishing",
        "Unknown",
      ],
      DetectionMethod: [
        "EDR",
        "Behavioral Analytics",
        "Reputation",
        "Intrusion Detection",
        "User Defined Blocked List",
      ],
      IndicatorType: ["Process", "Host", "File"],
    },
  },
  AuditEvent: {
    mandatory: ["Object", "ObjectType", "Operation"],
    filters: {
      srcipaddr_has_any_prefix: "SrcIpAddr",
      actorusername_has_any: "ActorUsername",
      operation_has_any: "Operation",
      eventtype_in: "EventType",
      eventresult: "EventResult",
      object_has_any: "Object",
      newvalue_has_any: "NewValue",
    },
    values: {
      EventType: ["Set", "Create", "Delete", "Execute", "Enable", "Disable", "Initialize", "Other"],
      ObjectType: ["Configuration Atom", "Policy Rule", "Service", "Other"],
    },
  },
  Authentication: {
    mandatory: ["TargetUsername", "DvcAction"],
    filters: {
      username_has_any: "User",
      targetappname_has_any: "TargetAppName",
      srcipaddr_has_any_prefix: "SrcIpAddr",
      srchostname_has_any: "SrcHostname",
      eventtype_in: "EventType",
      eventresultdetails_in: "EventResultDetails",
      eventresult: "EventResult",
    },
    values: {
      EventType: ["Logon", "Logoff"],
      EventResultDetails: ["Incorrect password", "No such user", "No such user or password", "User locked", "Other"],
      EventSubType: ["Interactive", "RemoteInteractive", "Remote", "Service", "System"],
    },
  },
  Dns: {
    mandatory: ["DnsQuery", "EventResultDetails", "Src"],
    filters: {
      srcipaddr: "SrcIpAddr",
      domain_has_any: "Domain",
      responsecodename: "DnsResponseCodeName",
      response_has_ipv4: "DnsResponseName",
      response_has_any_prefix: "DnsResponseName",
      eventtype: "EventType",
    },
    values: {
      EventType: ["Query"],
      EventSubType: ["request", "response"],
      EventResultDetails: ["NOERROR", "NXDOMAIN", "NA"],
      DnsQueryClassName: ["IN"],
    },
  },
  FileEvent: {
    mandatory: ["ActorUsername", "TargetFilePath", "TargetFilePathType", "TargetFileName"],
    filters: {
      eventtype_in: "EventType",
      srcipaddr_has_any_prefix: "SrcIpAddr",
      actorusername_has_any: "ActorUsername",
      targetfilepath_has_any: "TargetFilePath",
      srcfilepath_has_any: "SrcFilePath",
      hashes_has_any: "Hash",
      dvchostname_has_any: "DvcHostname",
    },
    values: {
      EventType: ["FileCreated", "FileModified", "FileDeleted", "FileRenamed"],
      TargetFilePathType: ["Windows Local", "Unix"],
      SrcFilePathType: ["Windows Local", "Unix"],
    },
  },
  NetworkSession: {
    mandatory: ["EventResultDetails", "DvcIpAddr", "Src", "Dst"],
    filters: {
      srcipaddr_has_any_prefix: "SrcIpAddr",
      dstipaddr_has_any_prefix: "DstIpAddr",
      ipaddr_has_any_prefix: "IpAddr",
      dstportnumber: "DstPortNumber",
      hostname_has_any: "DvcHostname",
      dvcaction: "DvcAction",
      eventresult: "EventResult",
    },
    values: {
      EventType: ["EndpointNetworkSession"],
      EventResultDetails: ["NA"],
      NetworkDirection: ["Inbound", "Outbound"],
      NetworkProtocol: ["TCP"],
      NetworkProtocolVersion: ["IPv4"],
      ASimMatchingIpAddr: ["-"],
      ASimMatchingHostname: ["-"],
    },
  },
  ProcessEvent: {
    mandatory: [
      "ActingProcessId",
      "ActorUsername",
      "TargetProcessCommandLine",
      "TargetProcessId",
      "TargetProcessName",
      "TargetUsername",
    ],
    filters: {
      commandline_has_any: "CommandLine",
      commandline_has_all: "CommandLine",
      commandline_has_any_ip_prefix: "CommandLine",
      actingprocess_has_any: "ActingProcessName",
      targetprocess_has_any: "TargetProcessName",
      parentprocess_has_any: "ParentProcessName",
      actorusername_has: "ActorUsername",
      targetusername_has: "TargetUsername",
      dvcipaddr_has_any_prefix: "DvcIpAddr",
      dvchostname_has_any: "DvcHostname",
      hashes_has_any: "Hash",
      eventtype: "EventType",
    },
    values: { EventType: ["ProcessCreated"] },
  },
  RegistryEvent: {
    mandatory: ["ActingProcessId", "ActorUsername", "ParentProcessId", "RegistryKey"],
    filters: {
      eventtype_in: "EventType",
      actorusername_has_any: "ActorUsername",
      registrykey_has_any: "RegistryKey",
      registryvalue_has_any: "RegistryValue",
      registrydata_has_any: "RegistryValueData",
      dvchostname_has_any: "DvcHostname",
    },
    values: {
      EventType: [
        "RegistryKeyCreated",
        "RegistryKeyDeleted",
        "RegistryKeyRenamed",
        "RegistryValueDeleted",
        "RegistryValueSet",
      ],
      RegistryValueType: ["Reg_Sz", "Reg_DWord", "Reg_QWord", "Reg_Expand_Sz"],
    },
  },
  UserManagement: {
    mandatory: ["ActorUsername"],
    filters: {
      srcipaddr_has_any_prefix: "SrcIpAddr",
      targetusername_has_any: "TargetUsername",
      actorusername_has_any: "ActorUsername",
      eventtype_in: "EventType",
    },
    values: {
      EventType: [
        "UserCreated",
        "UserDeleted",
        "UserModified",
        "PasswordChanged",
        "PasswordReset",
        "GroupCreated",
        "GroupDeleted",
        "GroupModified",
      ],
      EventSubType: ["UserModified", "GroupModified"],
    },
  },
};
