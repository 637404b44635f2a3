/** Records that the ASIM parsers read, invented: each kind of event at least twice and with differing values, so that filters can narrow. */

const hex = (digit: string, length: number) => digit.repeat(length);

const process = (name: string, pid: number, user: string, digit: string) => ({
  commandline: `${name} --run ${digit}`,
  fileHashMd5: hex(digit, 32),
  fileHashSha1: hex(digit, 40),
  fileHashSha256: hex(digit, 64),
  filePath: `C:\\Tools\\${name}`,
  fileSignerIdentity: "FJORD SOFTWARE",
  integrityLevel: "high",
  name,
  pid: String(pid),
  pidStarttime: "2026-03-03T07:00:00Z",
  storyline: hex(digit, 16),
  uniqueId: hex(digit, 16),
  user,
});

let count = 0;
function alert(eventType: string, host: number, alertInfo: object, more: object = {}): object {
  count += 1;
  const user = host === 1 ? "FJORD\\ida" : "root";
  return {
    alertInfo: {
      alertId: `99000000000000${String(count).padStart(4, "0")}`,
      analystVerdict: host === 1 ? "True positive" : "Undefined",
      createdAt: `2026-03-0${host + 1}T08:0${count % 10}:00Z`,
      dvEventId: `01HZ_${count}`,
      eventType,
      incidentStatus: host === 1 ? "Resolved" : "Unresolved",
      updatedAt: `2026-03-0${host + 1}T08:0${count % 10}:30Z`,
      ...alertInfo,
    },
    agentDetectionInfo: {
      accountId: "1",
      machineType: "server",
      name: host === 1 ? "ws-01.fjord.example" : "db-02",
      osFamily: host === 1 ? "windows" : "linux",
      osName: host === 1 ? "Windows 11 Pro" : "Debian 12",
      osRevision: "26100",
      siteId: "2",
      uuid: hex(String(host), 32),
    },
    ruleInfo: {
      id: "2200000000000000001",
      name: host === 1 ? "Odd child process" : "New listener",
      description: "A rule of ours.",
      severity: host === 1 ? "Critical" : "Low",
      treatAsThreat: host === 1 ? "Malicious" : "UNDEFINED",
    },
    sourceProcessInfo:
      host === 1
        ? process("winword.exe", 41, user, "a")
        : {
            ...process("bash", 42, "Effective: root, Real: www, Login: www", "b"),
            effectiveUser: "root",
            realUser: "www",
          },
    sourceParentProcessInfo: process(host === 1 ? "explorer.exe" : "sshd", 7, user, host === 1 ? "c" : "d"),
    targetProcessInfo: {},
    ...more,
  };
}

const file = (path: string, digit: string, oldPath: string | null = null) => ({
  targetProcessInfo: {
    tgtFileCreatedAt: digit === "e" ? "1970-01-01T00:00:00Z" : "2026-03-01T00:00:00Z",
    tgtFileHashSha1: hex(digit, 40),
    tgtFileHashSha256: digit === "e" ? hex(digit, 64) : null,
    tgtFilePath: path,
    tgtFileOldPath: oldPath,
  },
});

const started = (path: string, pid: string, digit: string, commandLine: string) => ({
  targetProcessInfo: {
    tgtProcCmdLine: commandLine,
    tgtProcImagePath: path,
    tgtProcPid: pid,
    tgtProcIntegrityLevel: "medium",
    tgtProcessStartTime: "2026-03-03T07:30:00Z",
    tgtFileHashSha1: hex(digit, 40),
    tgtFileHashSha256: hex(digit, 64),
  },
});

export const alerts: readonly object[] = [
  alert("DNS", 1, {
    dnsRequest: "cdn.bad.example",
    dnsResponse: "type: 5 edge.bad.example;203.0.113.7;",
    srcIp: "192.0.2.1",
  }),
  alert("DNS", 2, { dnsRequest: "gone.other.test", dnsResponse: "NXDomain" }),
  alert("DNS", 2, { dnsRequest: "quiet.other.test", dnsResponse: null }),
  alert("FILECREATION", 1, {}, file("C:\\Users\\ida\\a.docm", "e")),
  alert("FILERENAME", 2, {}, file("/srv/data/x.enc", "f", "/srv/data/x.txt")),
  alert("FILEMODIFICATION", 2, {}, file("/etc/passwd", "f")),
  alert("FILEDELETION", 1, {}, file("C:\\Users\\ida\\b.docm", "e")),
  alert("TCPV4", 1, {
    srcIp: "192.0.2.1",
    srcPort: "50001",
    dstIp: "203.0.113.5",
    dstPort: "443",
    netEventDirection: "OUTGOING",
  }),
  alert("TCPV4", 2, {
    srcIp: "198.51.100.3",
    srcPort: "50002",
    dstIp: "192.0.2.2",
    dstPort: "22",
    netEventDirection: "INCOMING",
  }),
  alert("IPCONNECT", 1, { srcIp: "192.0.2.1", dstIp: "203.0.113.6", dstPort: "8443", netEventDirection: "OUTGOING" }),
  alert("PROCESSCREATION", 1, {}, started("C:\\Windows\\System32\\cmd.exe", "900", "1", "cmd.exe /c whoami")),
  alert("PROCESSCREATION", 2, {}, started("/usr/bin/nc", "901", "2", "nc -l 10.0.0.9 4444")),
  alert("REGVALUEMODIFIED", 1, {
    registryKeyPath: "MACHINE\\SOFTWARE\\Fjord\\Run\\Updater",
    registryValue: "C:\\a.exe",
    registryOldValue: "C:\\b.exe",
    registryOldValueType: "EXPAND_SZ",
  }),
  alert("REGKEYCREATE", 1, { registryKeyPath: "USER\\S-1-5-21\\Software\\New" }),
  alert("REGVALUEDELETE", 2, {
    registryKeyPath: "ROOT\\.odd\\Open",
    registryOldValue: "1",
    registryOldValueType: "DWORD",
  }),
  alert("WINLOGONATTEMPT", 1, {
    loginIsSuccessful: "true",
    loginType: "REMOTE_INTERACTIVE",
    loginsUserName: "ida",
    loginAccountSid: "S-1-5-21-1-2-3-1001",
    loginAccountDomain: "FJORD",
    srcMachineIp: "198.51.100.8",
  }),
  alert("WINLOGONATTEMPT", 2, {
    loginIsSuccessful: "false",
    loginType: "NETWORK",
    loginsUserName: "svc$",
    srcMachineIp: "127.0.0.1",
  }),
  alert("WINLOGOFFATTEMPT", 1, { loginsUserName: "ida" }),
  alert("BEHAVIORALINDICATORS", 1, {
    indicatorName: "Ransomware",
    indicatorDescription: "Something was hidden\n<p>Persistence (TA0003)</p><a>Local Groups (T1069.001)</a>",
  }),
];

let activityCount = 0;
const activity = (activityType: number, data: object, more: object = {}) => {
  activityCount += 1;
  return {
    id: `98000000000000${String(activityCount).padStart(4, "0")}`,
    activityType,
    activityUuid: `00000000-0000-4000-8000-0000000000${String(activityCount).padStart(2, "0")}`,
    createdAt: `2026-03-0${(activityCount % 3) + 1}T10:00:00Z`,
    primaryDescription: "Somebody did something.",
    accountName: "Fjord",
    siteName: "Bergen",
    userId: `7${activityType}`,
    data,
    ...more,
  };
};

export const activities: readonly object[] = [
  activity(27, { username: "ida@fjord.example", ipAddress: "198.51.100.4", role: "Admin", userScope: "account" }),
  activity(27, { username: "ole", ipAddress: "203.0.113.4", role: "Viewer" }),
  activity(33, { username: "ole", ipAddress: "null" }),
  activity(133, { username: "ida@fjord.example", ipAddress: "198.51.100.4" }, { comments: "invalid password" }),
  activity(134, { username: "nobody", ipAddress: "198.51.100.9" }),
  activity(23, { byUser: "ida@fjord.example", username: "new@fjord.example", role: "SOC", ipAddress: "198.51.100.4" }),
  activity(25, { byUser: "ole", username: "old@fjord.example", ipAddress: "203.0.113.4" }),
  activity(37, { username: "ole" }),
  activity(67, { byUser: "ole", username: "old@fjord.example" }),
  activity(102, { username: "stale@fjord.example" }),
  activity(141, {
    byUser: "ole",
    username: "svc",
    descriptionChanged: true,
    description: "new text",
    oldDescription: "old text",
  }),
  activity(5008, { name: "Kiosks", username: "ole" }, { groupId: "55" }),
  activity(3711, { username: "ole" }),
  activity(76, { newValue: false, username: "ida@fjord.example", ipAddress: "198.51.100.4" }),
  activity(76, { newValue: true, username: "ole", ipAddress: "203.0.113.4" }),
  activity(3008, { pathName: "C:\\Tools\\", username: "ole" }),
  activity(3602, { ruleName: "Odd child process", ruleId: 2200000000000001, userName: "ida@fjord.example" }),
  activity(3604, { ruleName: "New listener", username: "ole" }),
  activity(
    2030,
    {
      newAnalystVerdictTitle: "True positive",
      oldAnalystVerdictTitle: "Undefined",
      username: "ole",
      computerName: "ws-01.fjord.example",
    },
    { threatId: "t-1", agentId: "a-1" },
  ),
  activity(5021, { siteName: "Bergen", username: "ida@fjord.example" }),
  activity(17, { computerName: "db-02" }),
];

const threat = (number: number, info: object, more: object = {}) => ({
  id: `97000000000000000${number}`,
  agentDetectionInfo: { agentIpV4: number === 1 ? "192.0.2.1,192.0.2.9" : "192.0.2.2", agentDomain: "FJORD" },
  agentRealtimeInfo: {
    agentComputerName: number === 1 ? "ws-01" : "db-02",
    agentId: `a-${number}`,
    agentOsName: "Windows 11 Pro",
    agentOsRevision: "26100",
  },
  indicators: [
    {
      tactics: [
        number === 1
          ? { name: "Persistence", techniques: [{ name: "T1547.001" }] }
          : { name: "Credential Access", techniques: [{ name: "T1003" }] },
      ],
    },
  ],
  threatInfo: {
    threatId: `97000000000000000${number}`,
    threatName: number === 1 ? "lock.exe" : "dump.ps1",
    createdAt: `2026-03-0${number}T09:00:00Z`,
    identifiedAt: `2026-03-0${number}T08:59:00Z`,
    updatedAt: `2026-03-0${number}T09:30:00Z`,
    confidenceLevel: number === 1 ? "malicious" : "suspicious",
    filePath: number === 1 ? "\\Device\\HarddiskVolume3\\Users\\ida\\lock.exe" : "/tmp/dump.ps1",
    fileSize: 123456789012,
    sha1: hex(String(number), 40),
    sha256: hex(String(number), 64),
    md5: hex(String(number), 32),
    processUser: number === 1 ? "FJORD\\ida" : "root",
    originatorProcess: "explorer.exe",
    mitigationStatus: "not_mitigated",
    ...info,
  },
  ...more,
});

export const threats: readonly object[] = [
  threat(1, {
    classification: "Ransomware",
    analystVerdict: "true_positive",
    incidentStatus: "resolved",
    engines: ["Behavioral AI"],
  }),
  threat(2, {
    classification: "Infostealer",
    analystVerdict: "undefined",
    incidentStatus: "unresolved",
    engines: ["User-Defined Blocklist"],
  }),
];

/** Rows of `SentinelOneAlertsV2_CL`, as KQL. */
export const unifiedAlerts = `datatable(TimeGenerated:datetime, AlertId:string, AlertName:string, AlertDescription:string, DetectedAt:datetime,
  CreatedAt:datetime, UpdatedAt:datetime, Status:string, Severity:string, AnalystVerdict:string, ExternalId:string, StorylineId:string,
  AttackSurfaces:dynamic, ConfidenceLevel:string, Classification:string, Product:string, Vendor:string, AssigneeName:string,
  AssigneeEmail:string, Assets:dynamic, DataSources:dynamic)[
  datetime(2026-03-01T08:00:00Z), "u-1", "Ransomware on ws-01", "Files were encrypted.", datetime(2026-03-01T08:00:00Z), datetime(2026-03-01T08:00:10Z),
  datetime(2026-03-01T09:00:00Z), "RESOLVED", "CRITICAL", "TRUE_POSITIVE_MALWARE", "x-1", "s-1", dynamic(["ENDPOINT"]), "MALICIOUS", "RANSOMWARE",
  "EDR", "SentinelOne", "Ida", "ida@fjord.example", dynamic([{"id":"1","name":"ws-01.fjord.example","agentUuid":"aa11","osType":"WINDOWS","osVersion":"11"}]), dynamic(["SentinelOne"]),
  datetime(2026-03-02T08:00:00Z), "u-2", "Odd sign-in", "From two countries.", datetime(2026-03-02T08:00:00Z), datetime(2026-03-02T08:00:10Z),
  datetime(2026-03-02T09:00:00Z), "NEW", "LOW", "UNDEFINED", "", "", dynamic(["IDENTITY"]), "SUSPICIOUS", "",
  "Identity", "SentinelOne", "", "", dynamic([{"id":"2","name":"db-02","osType":"LINUX"}]), dynamic([])]`;
