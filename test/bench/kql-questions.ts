/** What an analyst asks, and the same by hand in SQL over the same tables, where times are ticks of 100 ns. */
export interface Question {
  readonly title: string;
  readonly kql: string;
  readonly sql: string;
}

const hour = 36_000_000_000n;
/** 2026-03-01T00:00:00Z. The benchmark's rows fill ten days from here. */
export const start = 639_079_200_000_000_000n;
const day = (number: number) => start + BigInt(number - 1) * 24n * hour;

const activities = '"SentinelOneActivities_CL"';
const agents = '"SentinelOneAgents_CL"';
const part = (path: string) => `json_extract_string("Data", '$.${path}')`;

export const questions: readonly Question[] = [
  {
    title: "events of three days by type",
    kql: "SentinelOneActivities_CL | where TimeGenerated > datetime(2026-03-08) | summarize count() by ActivityType",
    sql: `SELECT "ActivityType", count(*) FROM ${activities} WHERE "TimeGenerated" > ${day(8)} GROUP BY 1`,
  },
  {
    title: "events by hour and console",
    kql: "SentinelOneActivities_CL | summarize Events = count() by bin(TimeGenerated, 1h), Connection",
    sql: `SELECT "TimeGenerated" // ${hour} * ${hour}, "Connection", count(*) FROM ${activities} GROUP BY 1, 2`,
  },
  {
    title: "a word in a text",
    kql: "SentinelOneActivities_CL | where PrimaryDescription has 'quarantined' | summarize count() by SiteName",
    sql: `SELECT "SiteName", count(*) FROM ${activities} WHERE contains(lower("PrimaryDescription"), 'quarantined')
      AND regexp_matches("PrimaryDescription", '(?i)\\bquarantined\\b') GROUP BY 1`,
  },
  {
    title: "names without case, part of a text",
    kql: "SentinelOneActivities_CL | where SiteName in~ ('SITE 3', 'Site 7') and PrimaryDescription contains 'LOGGED' | summarize count() by UserId",
    sql: `SELECT "UserId", count(*) FROM ${activities} WHERE lower("SiteName") IN ('site 3', 'site 7')
      AND contains(lower("PrimaryDescription"), 'logged') GROUP BY 1`,
  },
  {
    title: "the newest hundred",
    kql: "SentinelOneActivities_CL | top 100 by TimeGenerated | project TimeGenerated, Id, PrimaryDescription",
    sql: `SELECT "TimeGenerated", "Id", "PrimaryDescription" FROM ${activities} ORDER BY 1 DESC LIMIT 100`,
  },
  {
    title: "one part of a JSON text",
    kql: "SentinelOneActivities_CL | where ActivityType == 27 | summarize count() by User = tostring(parse_json(Data).username)",
    sql: `SELECT ${part("username")}, count(*) FROM ${activities} WHERE "ActivityType" = 27 GROUP BY 1`,
  },
  {
    title: "five parts of a JSON text",
    kql: `SentinelOneActivities_CL | extend d = parse_json(Data)
      | extend User = tostring(d.username), Ip = tostring(d.ipAddress), Role = tostring(d.role), Source = tostring(d.source), Scope = tostring(d.fullScopeDetails)
      | where Scope startswith "Site" | summarize dcount(User), dcount(Ip) by Role, Source`,
    sql: `SELECT p[3], p[4], count(DISTINCT p[1]), count(DISTINCT p[2])
      FROM (SELECT json_extract_string("Data", ['$.username', '$.ipAddress', '$.role', '$.source', '$.fullScopeDetails']) AS p FROM ${activities})
      WHERE starts_with(lower(p[5]), 'site') GROUP BY 1, 2`,
  },
  {
    title: "users by day",
    kql: "SentinelOneActivities_CL | summarize dcount(UserId) by bin(TimeGenerated, 1d)",
    sql: `SELECT "TimeGenerated" // ${24n * hour} * ${24n * hour}, count(DISTINCT "UserId") FROM ${activities} GROUP BY 1`,
  },
  {
    title: "the newest row of each agent",
    kql: "SentinelOneActivities_CL | summarize arg_max(TimeGenerated, *) by AgentId | project AgentId, TimeGenerated, Id, PrimaryDescription, Data, SiteName",
    sql: `SELECT "AgentId", "TimeGenerated", "Id", "PrimaryDescription", "Data", "SiteName" FROM ${activities}
      QUALIFY row_number() OVER (PARTITION BY "AgentId" ORDER BY "TimeGenerated" DESC) = 1`,
  },
  {
    title: "joined with the inventory",
    kql: "SentinelOneActivities_CL | join kind=inner (SentinelOneAgents_CL | project AgentId = Id, OsName) on AgentId | summarize count() by OsName",
    sql: `SELECT "OsName", count(*) FROM ${activities} a JOIN ${agents} i ON a."AgentId" = i."Id" GROUP BY 1`,
  },
  {
    title: "what the inventory lacks",
    kql: "SentinelOneActivities_CL | join kind=leftanti (SentinelOneAgents_CL | where IsActive) on $left.AgentId == $right.Id | summarize count(), dcount(AgentId)",
    sql: `SELECT count(*), count(DISTINCT "AgentId") FROM ${activities} a ANTI JOIN (FROM ${agents} WHERE "IsActive") i ON a."AgentId" = i."Id"`,
  },
  {
    title: "an address out of a text",
    kql: "SentinelOneActivities_CL | extend Ip = extract(@'IP ([0-9.]+)', 1, PrimaryDescription) | where isnotempty(Ip) | summarize count() by Ip | sort by count_ desc, Ip asc | take 10",
    sql: `SELECT regexp_extract("PrimaryDescription", 'IP ([0-9.]+)', 1) AS ip, count(*) FROM ${activities} WHERE ip <> '' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10`,
  },
  {
    title: "counts under conditions",
    kql: `SentinelOneActivities_CL | summarize Logins = countif(ActivityType == 27), Failed = countif(ActivityType in (133, 134)), All = count() by SiteName
      | extend Share = 100.0 * Failed / All`,
    sql: `SELECT *, 100.0::DOUBLE * failed / total FROM (SELECT "SiteName", count(*) FILTER ("ActivityType" = 27), count(*) FILTER ("ActivityType" IN (133, 134)) AS failed, count(*) AS total
      FROM ${activities} GROUP BY 1)`,
  },
  {
    title: "a row for each member of an array",
    kql: "SentinelOneActivities_CL | where ActivityType == 27 | mv-expand Group = parse_json(Data).groups to typeof(string) | summarize count() by Group",
    sql: `SELECT g, count(*) FROM (SELECT unnest(json_extract_string("Data", '$.groups[*]')) AS g FROM ${activities} WHERE "ActivityType" = 27) GROUP BY 1`,
  },
  {
    title: "addresses of each user",
    kql: "SentinelOneActivities_CL | summarize Ips = make_set(tostring(parse_json(Data).ipAddress)) by UserId | summarize max(array_length(Ips)), count()",
    sql: `SELECT max(len(ips)), count(*) FROM (SELECT list(DISTINCT ${part("ipAddress")}) AS ips FROM ${activities} GROUP BY "UserId")`,
  },
  {
    title: "long silences of an agent",
    kql: `SentinelOneActivities_CL | sort by AgentId asc, TimeGenerated asc | extend Gap = TimeGenerated - prev(TimeGenerated), Same = AgentId == prev(AgentId)
      | where Same and Gap > 6h | summarize count(), max(Gap)`,
    sql: `SELECT count(*), max(gap) FROM (SELECT "TimeGenerated" - lag("TimeGenerated") OVER w AS gap, "AgentId" = lag("AgentId") OVER w AS same
      FROM ${activities} WINDOW w AS (ORDER BY "AgentId", "TimeGenerated")) WHERE same AND gap > ${6n * hour}`,
  },
  {
    title: "kinds by what a text begins with",
    kql: `SentinelOneActivities_CL | extend Kind = case(PrimaryDescription startswith "agent", "agent", PrimaryDescription contains "logged in", "session", "other") | summarize count() by Kind`,
    sql: `SELECT CASE WHEN starts_with(lower("PrimaryDescription"), 'agent') THEN 'agent' WHEN contains(lower("PrimaryDescription"), 'logged in') THEN 'session' ELSE 'other' END, count(*)
      FROM ${activities} GROUP BY 1`,
  },
  {
    title: "through the parser SentinelOne",
    kql: 'SentinelOne | where TimeGenerated > datetime(2026-03-05) and EventType == "Activities." | summarize count() by DataRole, SiteName',
    sql: `SELECT ${part("role")}, "SiteName", count(*) FROM ${activities} WHERE "TimeGenerated" > ${day(5)} GROUP BY 1, 2`,
  },
];
