import { threatDetailsStream } from "./threat-details.ts";

/** What analysts wrote about a threat. */
export const threatNotes = threatDetailsStream({ name: "threat-notes", list: "notes" });
