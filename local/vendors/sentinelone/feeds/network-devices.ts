import { isoMicros } from "../../time.ts";
import { COMPARISONS_AND_BETWEEN, type Feed } from "../api/feed.ts";
import { addressOf, type Device, lastSeen, Network } from "../world/network.ts";
import type { World } from "../world/world.ts";

interface DeviceRow {
  readonly device: Device;
  /** Epoch microseconds. */
  readonly lastSeen: number;
  readonly localIp: string;
}

/** Endpoints that could have an agent and have none. */
export const roguesFeed = (world: World): Feed<DeviceRow> => ({
  ...devicesFeed(world, ({ kind }) => kind.managedState === "unsecured", describe),
  stream: "rogues",
  path: "/rogues/table-view",
  permission: "Rogues.view",
});

/** Every device in the networks. Unlike all other lists it takes one site or account at a time. */
export const rangerFeed = (world: World): Feed<DeviceRow> => ({
  ...devicesFeed(world, () => true, describeWithNetwork),
  stream: "ranger",
  path: "/ranger/table-view",
  permission: "Ranger.view",
  oneScope: true,
});

type Unnamed = Omit<Feed<DeviceRow>, "stream" | "path" | "permission" | "oneScope">;

function devicesFeed(
  world: World,
  isListed: (device: Device) => boolean,
  describeRow: (row: DeviceRow) => Record<string, unknown>,
): Unnamed {
  const network = new Network(world.seed, world.scale, world.beginning, world.fleet);
  const last = (row: DeviceRow) => row.lastSeen;
  const first = ({ device }: DeviceRow) => device.firstSeen * 1000;
  const key = (device: Device, at: number) => `${device.id}|${isoMicros(at)}`;
  const time = (value: (row: DeviceRow) => number) => ({ value, operators: COMPARISONS_AND_BETWEEN });
  return {
    times: { lastSeen: time(last), firstSeen: time(first) },
    sets: {
      ids: ({ device }) => device.id,
      siteIds: ({ device }) => device.site.id,
      accountIds: ({ device }) => device.site.account.id,
      osTypes: ({ device }) => device.kind.osType,
      deviceTypes: ({ device }) => device.kind.type,
    },
    sorts: {
      id: ({ device }) => device.id,
      lastSeen: last,
      firstSeen: first,
      macAddress: ({ device }) => device.mac,
      localIp: ({ localIp }) => localIp,
      manufacturer: ({ device }) => device.kind.manufacturer,
    },
    rows: (now) =>
      network
        .seen(now)
        .filter(isListed)
        .map((device) => ({ device, lastSeen: lastSeen(device, now), localIp: addressOf(device, now) })),
    id: ({ device }) => device.id,
    key: (row) => key(row.device, row.lastSeen),
    everShown: (since, now) =>
      network
        .seen(now)
        .filter(isListed)
        .flatMap((device) => {
          const keys: string[] = [];
          for (let time = Math.max(since, device.firstSeen); time <= now; ) {
            const at = lastSeen(device, time);
            keys.push(key(device, at));
            time = at / 1000 + device.every;
          }
          return keys;
        }),
    render: (row) => JSON.stringify(describeRow(row)),
  };
}

const describe = ({ device, lastSeen: at, localIp }: DeviceRow) => ({
  deviceFunction: device.kind.function,
  deviceType: device.kind.type,
  externalIp: `203.0.113.${50 + device.site.index}`,
  firstSeen: isoMicros(device.firstSeen * 1000),
  hostnames: [device.name],
  id: device.id,
  lastSeen: isoMicros(at),
  localIp,
  macAddress: device.mac,
  manufacturer: device.kind.manufacturer,
  osName: device.kind.osName,
  osType: device.kind.osType,
  osVersion: null,
});

const describeWithNetwork = (row: DeviceRow) => {
  const { device, localIp } = row;
  const gateway = { gatewayIpAddress: `${device.subnet}.1`, gatewayMacAddress: `02:00:00:00:00:0${device.site.index}` };
  const network = { ...gateway, networkName: `${device.site.name} LAN`, subnetAddress: `${device.subnet}.0` };
  return {
    ...describe(row),
    ...network,
    agentId: null,
    deviceReview: "none",
    deviceReviewLog: [],
    discoveryMethods: ["arp", "tcp_fingerprint"],
    domain: null,
    fingerPrintScore: device.kind.osType === "unknown" ? 10 : 80,
    hasIdentity: false,
    hasUserLabel: false,
    ipAddresses: [localIp],
    labelUpdatedAt: null,
    labelUserName: null,
    managedState: device.kind.managedState,
    networks: [{ ...network, externalIp: `203.0.113.${50 + device.site.index}`, ip: localIp }],
    previousDeviceFunction: null,
    previousOsType: null,
    previousOsVersion: null,
    siteName: device.site.name,
    tags: [],
    tcpPorts: device.kind.type === "Printer" ? [631, 9100] : [445],
    udpPorts: [],
  };
};
