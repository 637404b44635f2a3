/** What the simulated tenant watches, and what it can find there. */
export interface Connector {
  readonly uid: string;
  readonly name: string;
  readonly platform: string;
}

export const CONNECTORS: readonly Connector[] = [
  connector(2, "Microsoft 365", "Halvorsen 365"),
  connector(5, "Google Workspace", "Bramble Workspace"),
  connector(9, "Salesforce", "Stores CRM"),
  connector(11, "GitHub", "halvorsen-engineering"),
  connector(14, "Slack", "Everyone's Slack"),
];

function connector(number: number, platform: string, name: string): Connector {
  return { uid: `${number}___${platform.replaceAll(" ", "")}___Fetch___${name.replaceAll(/\W/g, "")}`, name, platform };
}

interface AlertType {
  readonly vuid: string;
  readonly name: string;
  readonly description: string;
  readonly severity: "Critical" | "High" | "Medium" | "Low";
  readonly defaultSeverity: "Critical" | "High" | "Medium" | "Low";
  readonly platform: string;
  readonly sourceKind: "valenceDefined" | "customerDefined";
  readonly mitreAttackTactics: readonly string[];
  readonly mitreAttackTechniques: readonly string[];
  readonly disabled: boolean;
}

/** An alert type with what its alerts tell. */
export interface AlertStory {
  readonly type: AlertType;
  readonly actionType: string;
  readonly action: string;
  readonly summary: (actor: string, target: string) => string;
  readonly actorIsApp: boolean;
  readonly targetType: string;
}

export const ALERT_STORIES: readonly AlertStory[] = [
  story(
    "Microsoft 365",
    "AdminRoleGranted",
    "Administrator role granted",
    "High",
    ["TA0004"],
    ["T1098.003"],
    "Grant role",
    (actor, target) => `${actor} made ${target} an administrator.`,
  ),
  story(
    "Microsoft 365",
    "InboxForwarding",
    "Mailbox forwards to an outside address",
    "Medium",
    ["TA0009"],
    ["T1114.003"],
    "Set forwarding rule",
    (actor) => `Mail of ${actor} is forwarded to an address outside the company.`,
  ),
  story(
    "Google Workspace",
    "PublicDriveLink",
    "Folder shared with everyone",
    "Medium",
    ["TA0010"],
    ["T1567"],
    "Change visibility",
    (actor, target) => `${actor} shared ${target} with everyone who has the link.`,
  ),
  story(
    "Salesforce",
    "MassExport",
    "Unusually large export",
    "Critical",
    ["TA0009", "TA0010"],
    ["T1530"],
    "Run report export",
    (actor, target) => `${actor} exported ${target}.`,
  ),
  story(
    "GitHub",
    "BranchProtectionOff",
    "Branch protection switched off",
    "High",
    ["TA0005"],
    ["T1562.001"],
    "Edit branch rule",
    (actor, target) => `${actor} switched off the protection of ${target}.`,
  ),
  {
    ...story(
      "Slack",
      "RiskyAppInstalled",
      "App with wide permissions installed",
      "Low",
      ["TA0001"],
      ["T1199"],
      "Install app",
      (actor, target) => `${actor} gave itself access to ${target}.`,
    ),
    actorIsApp: true,
  },
];

function story(
  platform: string,
  code: string,
  name: string,
  severity: AlertType["severity"],
  tactics: readonly string[],
  techniques: readonly string[],
  action: string,
  summary: AlertStory["summary"],
): AlertStory {
  const app = platform.replaceAll(" ", "");
  return {
    type: {
      vuid: `VALENCE:_::_:ALERT_TYPE:_::_::_:${app}.${code}`,
      name,
      severity,
      platform,
      description: `${name} in ${platform}.\nCheck whether the change was planned.`,
      defaultSeverity: severity,
      sourceKind: code === "MassExport" ? "customerDefined" : "valenceDefined",
      mitreAttackTactics: tactics,
      mitreAttackTechniques: techniques,
      disabled: false,
    },
    actionType: app,
    action,
    summary,
    actorIsApp: false,
    targetType: code === "AdminRoleGranted" ? "User" : "",
  };
}
