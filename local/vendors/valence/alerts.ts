import { Random } from "../random.ts";
import { HOUR, MINUTE } from "../time.ts";
import { ALERT_STORIES, type AlertStory, CONNECTORS, type Connector } from "./catalog.ts";
import type { TimedRow } from "./log.ts";
import { inventPerson, type Person } from "./people.ts";

const TENANT = "hV3kQz81Lm";

/** Alerts of one hour of absolute time, about 70 a day at scale 1. They never change, as far as anybody has published. */
export function alertsIn(seed: number, scale: number, hour: number): TimedRow[] {
  const random = new Random(seed, "valence-alerts", hour);
  return Array.from({ length: random.count((70 / 24) * scale) }, (_, ordinal) =>
    inventAlert(new Random(seed, "valence-alert", hour, ordinal), hour),
  );
}

function inventAlert(random: Random, hour: number): TimedRow {
  const at = Math.floor((hour * HOUR) / 1000) + random.integer(0, 3599);
  const story = random.pick(ALERT_STORIES);
  const connector = CONNECTORS.find(({ platform }) => platform === story.type.platform) as Connector;
  const actor = inventPerson(random);
  const target = inventPerson(random);
  const vuid = `VALENCE:_:${TENANT}:_:ALERT:_::_::_:${random.uuid()}`;
  const events = Array.from({ length: random.chance(0.1) ? random.integer(2, 6) : 1 }, (_, index) =>
    inventEvent(random, at - index * random.integer(1, 40), story, connector, actor, target),
  );
  const alert = {
    alertTypeVuid: story.type.vuid,
    connectorUids: [connector.uid],
    creationTimestamp: at,
    events,
    status: "Open",
    summaryLine: story.summary(actor.email, target.email),
    vuid,
  };
  return { at, key: vuid, shownAt: at * 1000 + random.integer(1_000, MINUTE), text: JSON.stringify(alert) };
}

function inventEvent(
  random: Random,
  at: number,
  story: AlertStory,
  connector: Connector,
  actor: Person,
  target: Person,
): Record<string, unknown> {
  const id = random.uuid();
  const who = story.actorIsApp
    ? { actorType: "App", actorApp: { email: "", id: random.hex(12), name: "Meeting Notes Bot" } }
    : { actorType: "User", actorUser: { email: actor.email, id: actor.id, name: actor.name } };
  return {
    ...who,
    action: { actionDescription: `${story.type.name}.`, actionName: story.action, actionType: story.actionType },
    aux: inventSource(random, at, id, story, actor, target),
    connectorDisplayName: connector.name,
    connectorUid: connector.uid,
    eventId: id,
    eventResult: "Success",
    eventResultDetails: random.pick(["Success", ""]),
    eventSummary: "",
    eventTime: { timestamp: at, timestampKind: "exact" },
    ip: random.chance(0.9) ? `203.0.113.${random.integer(1, 254)}` : "",
    platform: connector.platform,
    target:
      story.targetType === ""
        ? { email: "", id: "", name: "" }
        : { email: target.email, id: target.id, name: target.name },
    targetType: story.targetType,
    userAgent: random.pick(["Firefox 142", "Edge 139", "python-requests/2.32", ""]),
  };
}

/** The platform's own event, free in form: every scalar a string, keys that no column name could hold. */
const inventSource = (random: Random, at: number, id: string, story: AlertStory, actor: Person, target: Person) => ({
  "@odata": { context: "$metadata#auditLogs/directoryAudits" },
  "Actor[0]": { ID: actor.email, Type: "5" },
  "ModifiedProperties[1]": { Name: "Role.DisplayName", NewValue: "Administrator", OldValue: "" },
  "Target[3]": { ID: target.email, Type: "5" },
  "Version@odata": "4.01",
  "administrativeUnits[0]": { depth: { deeper: { deepest: random.hex(8) } } },
  CreationTime: new Date(at * 1000).toISOString().slice(0, 19),
  Id: id,
  Operation: story.action,
  RecordType: String(random.integer(1, 120)),
  ResultStatus: "Success",
});
