import { isoMicros } from "../../time.ts";
import type { ChildFeed } from "../api/feed.ts";
import { stepAt, stepsShown } from "../world/history.ts";
import { type Note, notesOf } from "../world/notes.ts";
import type { Threat } from "../world/threat-book.ts";
import type { World } from "../world/world.ts";
import { threatsShown } from "./threat-timeline.ts";

interface NoteRow {
  readonly note: Note;
  readonly step: Note["steps"][number];
}

/** Notes on one threat. They do not say which. */
export function threatNotesFeed(world: World): ChildFeed<Threat, NoteRow> {
  const createdAt = ({ note }: NoteRow) => note.steps[0]?.at ?? 0;
  const updatedAt = ({ step }: NoteRow) => step.at;
  const key = ({ note, step }: NoteRow) => `${note.id}|${isoMicros(step.at)}`;
  return {
    stream: "threat-notes",
    path: "/threats/{id}/notes",
    permission: "Threats.view",
    parents: (now) => threatsShown(world, now),
    parentId: (threat) => threat.id,
    open: (threat) => ({
      times: {},
      sets: { creatorId: ({ note }) => note.author.id },
      sorts: { createdAt, updatedAt, id: ({ note }) => note.id },
      rows: (now) =>
        notesOf(world.seed, threat).flatMap((note) => {
          const step = stepAt(note.steps, now);
          return step ? [{ note, step }] : [];
        }),
      id: ({ note }) => note.id,
      key,
      everShown: (since, now) =>
        notesOf(world.seed, threat).flatMap((note) =>
          stepsShown(note.steps, since, now).map((step) => key({ note, step })),
        ),
      render: (row) =>
        JSON.stringify({
          createdAt: isoMicros(createdAt(row)),
          creator: row.note.author.name,
          creatorId: row.note.author.id,
          edited: row.step.state.edited,
          id: row.note.id,
          text: row.step.state.text,
          updatedAt: isoMicros(row.step.at),
        }),
    }),
  };
}
