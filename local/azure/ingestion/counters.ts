/** What a rule has taken and lost since the local Azure started. Azure shows the same as metrics of the rule. */
export interface RuleCounters {
  /** Requests that were acknowledged. */
  readonly requests: number;
  /** Bytes of JSON, unpacked. */
  readonly bytes: number;
  readonly rowsReceived: number;
  /** Counted once for each table that a stream flows to. */
  readonly rowsStored: number;
  /** Rows that a transform left out, by intent. */
  readonly rowsFiltered: number;
  /** Rows that were acknowledged and then lost: the transform failed, the table does not take its result, or the daily cap was reached. */
  readonly rowsLost: number;
  /** Properties and columns that a stream does not declare or a table does not have, with the number of values dropped. */
  readonly columnsDropped: ReadonlyMap<string, number>;
  /** Values that were not of the declared type and became null. */
  readonly valuesNulled: number;
  /** Values that were cut at 64 KB. */
  readonly valuesCut: number;
}

const none: RuleCounters = {
  requests: 0,
  bytes: 0,
  rowsReceived: 0,
  rowsStored: 0,
  rowsFiltered: 0,
  rowsLost: 0,
  columnsDropped: new Map(),
  valuesNulled: 0,
  valuesCut: 0,
};

/** Counters of all rules, by immutable id. */
export class Counters {
  readonly #rules = new Map<string, RuleCounters>();

  of(immutableId: string): RuleCounters {
    return this.#rules.get(immutableId) ?? none;
  }

  add(immutableId: string, request: Omit<RuleCounters, "requests">): void {
    const before = this.of(immutableId);
    const columnsDropped = new Map(before.columnsDropped);
    for (const [name, count] of request.columnsDropped)
      columnsDropped.set(name, (columnsDropped.get(name) ?? 0) + count);
    this.#rules.set(immutableId, {
      requests: before.requests + 1,
      bytes: before.bytes + request.bytes,
      rowsReceived: before.rowsReceived + request.rowsReceived,
      rowsStored: before.rowsStored + request.rowsStored,
      rowsFiltered: before.rowsFiltered + request.rowsFiltered,
      rowsLost: before.rowsLost + request.rowsLost,
      columnsDropped,
      valuesNulled: before.valuesNulled + request.valuesNulled,
      valuesCut: before.valuesCut + request.valuesCut,
    });
  }
}
