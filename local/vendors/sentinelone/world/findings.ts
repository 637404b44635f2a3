/** What can be found in the invented fleet: malware, and rules that match behaviour. */

export interface Malware {
  readonly file: string;
  readonly extension: string;
  readonly classification: string;
  readonly engine: readonly [key: string, title: string];
  readonly confidence: "malicious" | "suspicious";
  readonly publisher: string;
  readonly tactic: string;
  readonly technique: readonly [id: string, name: string];
  readonly indicator: readonly [category: string, description: string];
}

/** Publishers come HTML-escaped out of the console, now and then. */
export const MALWARE: readonly Malware[] = [
  malware("invoice_2291.exe", "Trojan", ["pre_execution", "On-Write Static AI"], "malicious", "", "Execution", [
    "T1204",
    "User Execution",
  ]),
  malware("lockbyte.exe", "Ransomware", ["executables", "Behavioral AI"], "malicious", "", "Impact", [
    "T1486",
    "Data Encrypted for Impact",
  ]),
  malware(
    "credgrab64.exe",
    "Infostealer",
    ["pre_execution", "On-Write Static AI"],
    "malicious",
    "Marlow &amp; Sons Software",
    "Credential Access",
    ["T1003", "OS Credential Dumping"],
  ),
  malware(
    "pdf-reader-setup.exe",
    "PUA",
    ["pup", "Potentially unwanted applications"],
    "suspicious",
    "Free Tools &lt;support@freetools.example&gt;",
    "Initial Access",
    ["T1189", "Drive-by Compromise"],
  ),
  malware("updater.ps1", "Malware", ["lateral_movement", "Lateral Movement"], "suspicious", "", "Lateral Movement", [
    "T1021",
    "Remote Services",
  ]),
  malware("xm-worker", "Cryptominer", ["reputation", "SentinelOne Cloud"], "malicious", "", "Impact", [
    "T1496",
    "Resource Hijacking",
  ]),
  malware("Q3-forecast.xlsm", "Malware", ["data_files", "Documents, Scripts"], "suspicious", "", "Execution", [
    "T1059",
    "Command and Scripting Interpreter",
  ]),
  malware(
    "ngrokd.exe",
    "Hacktool",
    ["remote_shell", "Reputation"],
    "suspicious",
    "Tunnelworks OÜ",
    "Command and Control",
    ["T1572", "Protocol Tunneling"],
  ),
];

function malware(
  file: string,
  classification: string,
  engine: readonly [string, string],
  confidence: "malicious" | "suspicious",
  publisher: string,
  tactic: string,
  technique: readonly [string, string],
): Malware {
  const extension = file.includes(".") ? file.slice(file.lastIndexOf(".") + 1).toUpperCase() : "";
  const indicator = [tactic, `Behaviour matched “${technique[1]}”.`] as const;
  return { file, extension, classification, engine, confidence, publisher, tactic, technique, indicator };
}

export interface StarRule {
  readonly name: string;
  readonly description: string;
  readonly severity: "Info" | "Low" | "Medium" | "High" | "Critical";
  readonly query: string;
  readonly treatAsThreat: "UNDEFINED" | "Suspicious" | "Malicious";
  readonly eventType: string;
  readonly process: string;
  readonly commandLine: string;
  /** Shipped by the vendor, not written by the customer. */
  readonly platformRule: boolean;
}

export const STAR_RULES: readonly StarRule[] = [
  rule(
    "Encoded PowerShell command",
    "High",
    "PROCESSCREATION",
    "powershell.exe",
    "powershell.exe -nop -enc SQBuAHYAbwBrAGUA",
  ),
  rule("Shadow copies deleted", "Critical", "PROCESSCREATION", "vssadmin.exe", "vssadmin delete shadows /all /quiet"),
  rule(
    "New local administrator",
    "Medium",
    "PROCESSCREATION",
    "net.exe",
    "net localgroup administrators svc-print /add",
  ),
  rule(
    "Run key written by script host",
    "Low",
    "REGVALUECREATE",
    "wscript.exe",
    "wscript.exe //B C:\\ProgramData\\sync.js",
  ),
  rule("DNS query to newly seen domain", "Info", "DNS", "chrome.exe", "chrome.exe --type=utility"),
  rule(
    "Remote service created",
    "High",
    "BEHAVIORALINDICATORS",
    "services.exe",
    "sc \\\\fileserver create sync binPath= C:\\sync.exe",
  ),
  rule("Outbound connection from a database server", "Medium", "IPCONNECT", "sqlservr.exe", "sqlservr.exe -sMAIN"),
  {
    ...rule(
      "Credential store read by unsigned process",
      "Critical",
      "FILEMODIFICATION",
      "rundll32.exe",
      "rundll32.exe comsvcs.dll",
    ),
    platformRule: true,
    treatAsThreat: "Malicious",
  },
];

function rule(
  name: string,
  severity: StarRule["severity"],
  eventType: string,
  process: string,
  commandLine: string,
): StarRule {
  return {
    name,
    severity,
    eventType,
    process,
    commandLine,
    description: `Reports: ${name.toLowerCase()}.`,
    query: `EventType = "${eventType}" AND SrcProcName ContainsCIS "${process}"`,
    treatAsThreat: "UNDEFINED",
    platformRule: false,
  };
}
