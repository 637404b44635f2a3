/** What a run before this one, an earlier stack or somebody else left where the stack is going to be. */
export interface Existing {
  /**
   * Resource ids of what is taken over instead of created, in Azure's own spelling: azure-native refuses to create what exists.
   * Nothing that is the stack's already is among them: the engine takes an id in another spelling for another resource, and replaces.
   */
  readonly adopted: {
    readonly resourceGroup?: string;
    readonly workspace?: string;
    readonly onboarding?: string;
    /** By table. */
    readonly tables: Readonly<Record<string, string>>;
  };
  /** Whether tables and functions of the workspace are another stack's: this one only sends rows into them. */
  readonly isGuest?: boolean;
  /** Subscription of the workspace, where it is not the one that is deployed into. */
  readonly otherSubscription?: string;
  /** Tables that are there, by name. */
  readonly tables: Readonly<Record<string, ExistingTable>>;
}

/** What a table asks of whoever writes it anew: Azure deletes the columns that a PUT leaves out. */
export interface ExistingTable {
  /** Columns besides the connector's own, by name. */
  readonly otherColumns: readonly TableColumn[];
  /** How often the table was mended after somebody else had changed it, this time included. */
  readonly mended: number;
}

/** As the tables API writes it. */
export interface TableColumn {
  readonly name: string;
  readonly type: string;
  readonly description?: string;
  readonly displayName?: string;
  readonly dataTypeHint?: string;
}

/** Where the stack is the first thing that is. */
export const nothingExists: Existing = { adopted: { tables: {} }, tables: {} };

/** Resource options that take over what has this id, or create where there is none. */
export const adopting = (id: string | undefined): { readonly import?: string } =>
  id === undefined ? {} : { import: id };
