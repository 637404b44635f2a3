import { isoMicros } from "../../time.ts";
import { COMPARISONS_AND_BETWEEN, type Feed } from "../api/feed.ts";
import { type PeripheralEvent, Peripherals } from "../world/peripherals.ts";
import type { World } from "../world/world.ts";

/** Events of peripherals: the only time to filter by is the endpoint's, and rows turn up days behind it. */
export function deviceControlEventsFeed(world: World): Feed<PeripheralEvent> {
  const events = new Peripherals(world.seed, world.scale, world.beginning, world.fleet);
  const eventTime = (row: PeripheralEvent) => row.eventTime;
  const group = ({ agent }: PeripheralEvent) => agent.slot.group;
  return {
    stream: "device-control-events",
    path: "/device-control/events",
    permission: "Device Control.view",
    times: { eventTime: { value: eventTime, operators: COMPARISONS_AND_BETWEEN } },
    sets: {
      ids: ({ id }) => id,
      agentIds: ({ agent }) => agent.id,
      accountIds: (row) => group(row).site.account.id,
      siteIds: (row) => group(row).site.id,
      groupIds: (row) => group(row).id,
      interfaces: ({ peripheral }) => peripheral.interface,
      eventTypes: ({ eventType }) => eventType,
    },
    sorts: {
      id: ({ id }) => id,
      eventTime,
      eventType: ({ eventType }) => eventType,
      agentId: ({ agent }) => agent.id,
    },
    rows: (now) => events.until(now),
    visible: ({ createdAt }, now) => createdAt <= now * 1000,
    id: ({ id }) => id,
    key: ({ id }) => id,
    render: (row) => JSON.stringify(describeEvent(row)),
  };
}

function describeEvent(event: PeripheralEvent): Record<string, unknown> {
  const { agent, peripheral } = event;
  const isBluetooth = peripheral.interface === "Bluetooth";
  return {
    accessPermission: event.eventType === "blocked" ? "Not-Applicable" : "Read-Write",
    agentId: agent.id,
    computerName: agent.computerName,
    createdAt: isoMicros(event.createdAt),
    deviceClass: peripheral.deviceClass,
    deviceId: `${peripheral.vendorId}:${peripheral.productId}`,
    deviceName: peripheral.name,
    eventId: String(event.number),
    eventTime: isoMicros(event.eventTime),
    eventType: event.eventType,
    id: event.id,
    interface: peripheral.interface,
    lastLoggedInUserName: agent.slot.owner.login,
    lmpVersion: isBluetooth ? "5.2" : null,
    minorClass: isBluetooth ? "06" : null,
    productId: peripheral.productId,
    profileUuids: isBluetooth ? "110b,110e" : null,
    ruleId: event.eventType === "blocked" ? agent.slot.group.id.replace(/.$/, "7") : null,
    serviceClass: isBluetooth ? "20" : null,
    uId: event.serial,
    updatedAt: isoMicros(event.createdAt),
    vendorId: peripheral.vendorId,
  };
}
