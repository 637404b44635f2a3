/** Words that the invented fleet is made of. */
export const ACCOUNTS = ["Halvorsen Logistics", "Bramble & Finch Retail"] as const;

export const SITES = [
  "Oslo HQ",
  "Rotterdam Port",
  "Singapore Hub",
  "Leeds Stores",
  "Austin Stores",
  "E-Commerce",
] as const;

export const GROUP_PURPOSES = [
  "Workstations",
  "Servers",
  "Executives",
  "Developers",
  "Kiosks",
  "Warehouse",
  "Finance",
  "Contractors",
  "Build Farm",
  "Lab",
] as const;

export const FIRST_NAMES = [
  "Aino",
  "Bilal",
  "Chiara",
  "Dmitri",
  "Eleni",
  "Farid",
  "Greta",
  "Hugo",
  "Imani",
  "Jonas",
  "Keiko",
  "Liam",
  "Mirjam",
  "Nadia",
  "Oskar",
  "Priya",
  "Quentin",
  "Rosa",
  "Stefan",
  "Tomas",
  "Ursula",
  "Viktor",
  "Wanda",
  "Yusuf",
] as const; // prettier-ignore

export const LAST_NAMES = [
  "Aalto",
  "Bergström",
  "Castellano",
  "Duarte",
  "Eriksen",
  "Fontaine",
  "Grünwald",
  "Haddad",
  "Ibsen",
  "Jankowski",
  "Kowalczyk",
  "Lindqvist",
  "Moreau",
  "Nakagawa",
  "O'Malley",
  "Petrov",
  "Quiroga",
  "Rossi",
  "Sørensen",
  "Tanaka",
] as const; // prettier-ignore

export interface Platform {
  readonly osType: "windows" | "macos" | "linux";
  readonly osName: string;
  readonly osRevision: string;
  readonly machineType: "laptop" | "desktop" | "server" | "kubernetes node";
  readonly hostPrefix: string;
  readonly installerType: string;
  readonly model: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memory: number;
}

/** How often a platform occurs is how often it is listed. */
export const PLATFORMS: readonly Platform[] = [
  laptop("windows", "Windows 11 Pro", "26100", "Fjord Computers - Glacier 14"),
  laptop("windows", "Windows 11 Enterprise", "22631", "Fjord Computers - Glacier 16"),
  laptop("windows", "Windows 11 Enterprise", "26100", "Fjord Computers - Glacier 16"),
  laptop("macos", "macOS", "15.6.1 (24G90)", "Apple Inc. - Mac15,7"),
  {
    ...laptop("windows", "Windows 10 Enterprise", "19045", "Fjord Computers - Tower 3"),
    machineType: "desktop",
    hostPrefix: "WS",
  },
  server("windows", "Windows Server 2022 Standard", "20348", "Northrack, Inc. - NR740"),
  server("linux", "Linux", "Ubuntu 24.04.2 LTS 6.8.0-60-generic", "Northrack, Inc. - NR640"),
  {
    ...server("linux", "Linux", "Debian GNU/Linux 12 6.1.0-35-cloud", "Virtual Machine"),
    machineType: "kubernetes node",
    hostPrefix: "K8S",
  },
];

function laptop(osType: "windows" | "macos", osName: string, osRevision: string, model: string): Platform {
  return {
    osType,
    osName,
    osRevision,
    model,
    machineType: "laptop",
    hostPrefix: osType === "macos" ? "MB" : "LT",
    installerType: osType === "macos" ? ".pkg" : ".msi",
    cpu: "Corvid C7-1355 @ 2.60GHz",
    cores: 10,
    memory: 32_402,
  };
}

function server(osType: "windows" | "linux", osName: string, osRevision: string, model: string): Platform {
  return {
    osType,
    osName,
    osRevision,
    model,
    machineType: "server",
    hostPrefix: "SRV",
    installerType: osType === "linux" ? ".deb" : ".exe",
    cpu: "Corvid X4410 @ 2.90GHz",
    cores: 24,
    memory: 131_072,
  };
}

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

/** Agent versions in order of release, a new one every six weeks of absolute time; the list starts over with the next major version. */
export const agentVersion = (release: number): string =>
  `${22 + Math.floor(release / 8)}.${1 + (Math.floor(release / 2) % 4)}.${1 + (release % 2)}.${100 + ((release * 37) % 400)}`;
