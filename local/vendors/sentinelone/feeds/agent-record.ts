import { Random } from "../../random.ts";
import { DAY, HOUR, isoMicros, isoSeconds, MINUTE } from "../../time.ts";
import { type AgentState, newestRelease } from "../world/agent-state.ts";
import type { Agent } from "../world/fleet.ts";
import { agentVersion, FIRST_NAMES } from "../world/vocabulary.ts";
import type { World } from "../world/world.ts";

/** What the console tells about a machine, apart from its heartbeat. */
export function describeAgent(
  world: World,
  { agent, state }: { agent: Agent; state: AgentState },
): Record<string, unknown> {
  const { slot } = agent;
  const { group, platform, owner } = slot;
  const { site } = group;
  const network = networkOf(agent, state);
  const person = userOf(agent, state);
  const directory = platform.osType === "windows" ? directoryOf(agent, person) : EMPTY_DIRECTORY;
  const random = new Random(world.seed, "record", agent.id);
  return {
    id: agent.id,
    uuid: agent.uuid,
    computerName: agent.computerName,
    createdAt: isoMicros(agent.registeredAt * 1000),
    registeredAt: isoMicros(agent.registeredAt * 1000),
    updatedAt: isoMicros(state.updatedAt),
    groupUpdatedAt: group.type === "dynamic" ? isoMicros((agent.registeredAt + HOUR) * 1000 + 640) : null,
    policyUpdatedAt: isoMicros(state.policyUpdatedAt),
    accountId: site.account.id,
    accountName: site.account.name,
    siteId: site.id,
    siteName: site.name,
    groupId: group.id,
    groupName: group.name,
    agentVersion: agentVersion(state.release),
    isUpToDate: state.release >= newestRelease(state.updatedAt / 1000),
    isDecommissioned: state.decommissioned,
    decommissionedAt: state.decommissioned ? isoMicros(state.updatedAt) : null,
    isPendingUninstall: false,
    isUninstalled: false,
    infected: state.activeThreats > 0,
    activeThreats: state.activeThreats,
    threatRebootRequired: false,
    networkStatus: state.decommissioned ? "disconnected" : "connected",
    networkInterfaces: [
      {
        id: agent.id.replace(/.$/, "8"),
        name: platform.osType === "windows" ? "Ethernet" : platform.osType === "macos" ? "en0" : "ens160",
        physical: agent.mac,
        inet: [network.internal],
        inet6: [`fe80::${agent.mac.slice(0, 8).replaceAll(":", "")}`],
        gatewayIp: `${slot.subnet}.1`,
        gatewayMacAddress: `02:42:${agent.mac.slice(0, 11)}`,
      },
    ],
    externalIp: network.external,
    groupIp: network.external.replace(/\d+$/, "x"),
    lastIpToMgmt: network.internal,
    domain: platform.osType === "windows" ? "HALVORSEN" : "local",
    lastLoggedInUserName: platform.machineType === "server" ? "" : person,
    osUsername: platform.osType === "linux" ? "root" : null,
    activeDirectory: directory,
    osName: platform.osName,
    osType: platform.osType,
    osRevision: platform.osRevision,
    osArch: platform.osType === "macos" ? "ARM64" : "64 bit",
    osStartTime: isoSeconds(Math.max(agent.registeredAt, state.scannedAt - random.integer(1, 60) * HOUR)),
    machineType: platform.machineType,
    modelName: platform.model,
    cpuId: platform.cpu,
    cpuCount: platform.machineType === "server" ? 2 : 1,
    coreCount: platform.cores,
    totalMemory: platform.memory,
    serialNumber: agent.serialNumber,
    machineSid:
      platform.osType === "windows"
        ? `S-1-5-21-${random.integer(1e8, 4e9)}-${random.integer(1e8, 4e9)}-${random.integer(1e8, 4e9)}`
        : null,
    // Only consoles that were moved from perpetual licences still show one.
    licenseKey: agent.slot.index % 20 === 0 ? `LK-${agent.serialNumber}` : "",
    externalId: random.chance(0.1) ? `CMDB-${random.integer(10_000, 99_999)}` : "",
    installerType: platform.installerType,
    scanStatus: state.decommissioned ? "none" : "finished",
    scanStartedAt: isoMicros((state.scannedAt - 47 * MINUTE) * 1000 + 118),
    scanFinishedAt: isoMicros(state.scannedAt * 1000),
    scanAbortedAt: random.chance(0.05) ? isoMicros((agent.registeredAt + 3 * HOUR) * 1000 + 93) : null,
    fullDiskScanLastUpdatedAt: isoMicros(state.scannedAt * 1000),
    lastSuccessfulScanDate: isoMicros(state.scannedAt * 1000),
    firstFullModeTime: null,
    mitigationMode: random.chance(0.85) ? "protect" : "detect",
    mitigationModeSuspicious: random.chance(0.3) ? "protect" : "detect",
    detectionState: null,
    operationalState: "na",
    operationalStateExpiration: null,
    remoteProfilingState: "disabled",
    remoteProfilingStateExpiration: null,
    userActionsNeeded: random.chance(0.04) ? ["reboot_needed"] : [],
    missingPermissions: platform.osType === "macos" && random.chance(0.2) ? ["user_action_needed_fda"] : [],
    appsVulnerabilityStatus: random.pick(["patch_required", "up_to_date", "not_applicable"]),
    consoleMigrationStatus: "N/A",
    encryptedApplications: platform.machineType === "laptop",
    firewallEnabled: random.chance(0.9),
    locationEnabled: true,
    locationType: "fallback",
    locations: [{ id: site.id, name: "Fallback", scope: "global" }],
    networkQuarantineEnabled: false,
    inRemoteShellSession: false,
    allowRemoteShell: random.chance(0.5),
    rangerStatus: platform.machineType === "server" ? "NotApplicable" : "Enabled",
    rangerVersion: platform.machineType === "server" ? null : "24.1.0.7",
    showAlertIcon: state.activeThreats > 0,
    storageName: null,
    storageType: null,
    tags: random.chance(0.25) ? { sentinelone: [tagOf(random, agent, owner.name)] } : {},
    cloudProviders: platform.machineType === "kubernetes node" ? cloudOf(random, agent) : {},
    proxyStates: { console: false, deepVisibility: false },
    containerizedWorkloadCounts:
      platform.machineType === "kubernetes node"
        ? { podsCount: random.integer(3, 40), containersCount: random.integer(5, 90), tasksCount: null }
        : null,
    hasContainerizedWorkload: platform.machineType === "kubernetes node",
    isAdConnector: false,
    isHyperAutomate: false,
    activeProtection: ["edr"],
  };
}

/** Addresses move with every fifth change of the machine. */
function networkOf(agent: Agent, state: AgentState): { internal: string; external: string } {
  const random = new Random("network", agent.id, Math.floor((state.generation + agent.slot.index) / 5));
  return {
    internal: `${agent.slot.subnet}.${random.integer(10, 250)}`,
    external: `198.51.100.${random.integer(1, 254)}`,
  };
}

/** Somebody else logs in now and then. */
function userOf(agent: Agent, state: AgentState): string {
  const random = new Random("user", agent.id, Math.floor((state.generation + agent.slot.index) / 4));
  return random.chance(0.2) ? `${random.pick(FIRST_NAMES).toLowerCase()}.temp` : agent.slot.owner.login;
}

const EMPTY_DIRECTORY = {
  computerDistinguishedName: null,
  computerMemberOf: [],
  lastUserDistinguishedName: null,
  lastUserMemberOf: [],
};

const directoryOf = (agent: Agent, login: string) => ({
  computerDistinguishedName: `CN=${agent.computerName},OU=${agent.slot.group.name},DC=halvorsen,DC=example`,
  computerMemberOf: ["CN=Domain Computers,CN=Users,DC=halvorsen,DC=example"],
  lastUserDistinguishedName: `CN=${agent.slot.owner.name},OU=People,DC=halvorsen,DC=example`,
  lastUserMemberOf: ["CN=Staff,OU=Groups,DC=halvorsen,DC=example"],
  mail: null,
  userPrincipalName: `${login}@halvorsen.example`,
});

const tagOf = (random: Random, agent: Agent, by: string) => ({
  id: agent.id.replace(/.$/, "6"),
  key: random.pick(["tier", "owner", "ring"]),
  value: random.pick(["0", "1", "2", "pilot"]),
  assignedAt: isoMicros((agent.registeredAt + DAY) * 1000 + 77),
  assignedBy: by,
  assignedById: agent.slot.group.creator.id,
});

const cloudOf = (random: Random, agent: Agent) => ({
  AWS: {
    cloudAccount: String(random.integer(100_000_000_000, 999_999_999_999)),
    cloudInstanceId: `i-0${random.hex(16)}`,
    cloudInstanceSize: "m6i.2xlarge",
    cloudLocation: "eu-north-1",
    cloudImage: `ami-0${random.hex(16)}`,
    cloudTags: [`Name: ${agent.computerName.toLowerCase()}`],
  },
});
