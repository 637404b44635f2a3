/**
 * Filtering parameters of the ASIM schemas that SentinelOne's data can fill, as KQL writes them, without those that all schemas share.
 * @see https://learn.microsoft.com/azure/sentinel/normalization-manage-parsers
 */
const schemaParameters = {
  AlertEvent: [
    "ipaddr_has_any_prefix:dynamic=dynamic([])",
    "hostname_has_any:dynamic=dynamic([])",
    "username_has_any:dynamic=dynamic([])",
    "attacktactics_has_any:dynamic=dynamic([])",
    "attacktechniques_has_any:dynamic=dynamic([])",
    "threatcategory_has_any:dynamic=dynamic([])",
    "alertverdict_has_any:dynamic=dynamic([])",
    "eventseverity_has_any:dynamic=dynamic([])",
  ],
  AuditEvent: [
    "srcipaddr_has_any_prefix:dynamic=dynamic([])",
    "actorusername_has_any:dynamic=dynamic([])",
    "operation_has_any:dynamic=dynamic([])",
    "eventtype_in:dynamic=dynamic([])",
    "eventresult:string='*'",
    "object_has_any:dynamic=dynamic([])",
    "newvalue_has_any:dynamic=dynamic([])",
  ],
  Authentication: [
    "username_has_any:dynamic=dynamic([])",
    "targetappname_has_any:dynamic=dynamic([])",
    "srcipaddr_has_any_prefix:dynamic=dynamic([])",
    "srchostname_has_any:dynamic=dynamic([])",
    "eventtype_in:dynamic=dynamic([])",
    "eventresultdetails_in:dynamic=dynamic([])",
    "eventresult:string='*'",
  ],
  Dns: [
    "srcipaddr:string='*'",
    "domain_has_any:dynamic=dynamic([])",
    "responsecodename:string='*'",
    "response_has_ipv4:string='*'",
    "response_has_any_prefix:dynamic=dynamic([])",
    "eventtype:string='Query'",
  ],
  FileEvent: [
    "eventtype_in:dynamic=dynamic([])",
    "srcipaddr_has_any_prefix:dynamic=dynamic([])",
    "actorusername_has_any:dynamic=dynamic([])",
    "targetfilepath_has_any:dynamic=dynamic([])",
    "srcfilepath_has_any:dynamic=dynamic([])",
    "hashes_has_any:dynamic=dynamic([])",
    "dvchostname_has_any:dynamic=dynamic([])",
  ],
  NetworkSession: [
    "srcipaddr_has_any_prefix:dynamic=dynamic([])",
    "dstipaddr_has_any_prefix:dynamic=dynamic([])",
    "ipaddr_has_any_prefix:dynamic=dynamic([])",
    "dstportnumber:int=int(null)",
    "hostname_has_any:dynamic=dynamic([])",
    "dvcaction:dynamic=dynamic([])",
    "eventresult:string='*'",
  ],
  ProcessEvent: [
    "commandline_has_any:dynamic=dynamic([])",
    "commandline_has_all:dynamic=dynamic([])",
    "commandline_has_any_ip_prefix:dynamic=dynamic([])",
    "actingprocess_has_any:dynamic=dynamic([])",
    "targetprocess_has_any:dynamic=dynamic([])",
    "parentprocess_has_any:dynamic=dynamic([])",
    "actorusername_has:string='*'",
    "targetusername_has:string='*'",
    "dvcipaddr_has_any_prefix:dynamic=dynamic([])",
    "dvchostname_has_any:dynamic=dynamic([])",
    "hashes_has_any:dynamic=dynamic([])",
    "eventtype:string='*'",
  ],
  RegistryEvent: [
    "eventtype_in:dynamic=dynamic([])",
    "actorusername_has_any:dynamic=dynamic([])",
    "registrykey_has_any:dynamic=dynamic([])",
    "registryvalue_has_any:dynamic=dynamic([])",
    "registrydata_has_any:dynamic=dynamic([])",
    "dvchostname_has_any:dynamic=dynamic([])",
  ],
  UserManagement: [
    "srcipaddr_has_any_prefix:dynamic=dynamic([])",
    "targetusername_has_any:dynamic=dynamic([])",
    "actorusername_has_any:dynamic=dynamic([])",
    "eventtype_in:dynamic=dynamic([])",
  ],
} as const;

export type AsimSchema = keyof typeof schemaParameters;
export const asimSchemas = Object.keys(schemaParameters) as readonly AsimSchema[];

const period = ["starttime:datetime=datetime(null)", "endtime:datetime=datetime(null)"];
const switches = ["disabled:bool=false", "pack:bool=false"];

/** Parameters of a parser that does not filter. */
export const plainParameters = switches.join(", ");

/** Parameters of a parser that filters. */
export const filterParameters = (schema: AsimSchema): string =>
  [...period, ...schemaParameters[schema], ...switches].join(", ");

/** A call that hands on parameters by name: their order differs between the schemas' versions. */
export const callByName = (alias: string, parameters: string): string =>
  `${alias}(${[...parameters.matchAll(/(\w+):\w+=/g)].map(([, name]) => `${name}=${name}`).join(", ")})`;
