import { appendFileSync } from "node:fs";

/** What the provider of `programs/published.ts` calls, in its own process: it notes each call in the file that its environment names. */
interface Parcel {
  readonly digest: string;
}

function note(text: string) {
  appendFileSync(process.env["PUBLISHER_LOG"] ?? "", `${text}\n`);
}

export function checkParcel(parcel: Parcel) {
  const failures = parcel.digest === "bad" ? [{ property: "digest", reason: "'bad' is no digest" }] : [];
  return { inputs: parcel, failures };
}

export function publish(parcel: Parcel, how: string) {
  if (parcel.digest === "refused") throw new Error("the host answers 403");
  if (parcel.digest === "crash") process.exit(3);
  note(`${how} ${parcel.digest}`);
  return {
    id: `parcel-${parcel.digest}`,
    outs: { ...parcel, receipt: `${how} in ${process.cwd()} by ${process.env["ME"]}` },
  };
}

export function withdraw(id: string, parcel: Parcel) {
  note(`deleted ${id} ${parcel.digest}`);
}
