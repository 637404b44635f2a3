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
] as const;

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
] as const;

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

/** Agent versions in order of release, a new one every six weeks of absolute time; the list starts over with the next major version. */
export const agentVersion = (release: number): string =>
  `${22 + Math.floor(release / 8)}.${1 + (Math.floor(release / 2) % 4)}.${1 + (release % 2)}.${100 + ((release * 37) % 400)}`;
