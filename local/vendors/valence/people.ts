import type { Random } from "../random.ts";

export interface Person {
  readonly name: string;
  readonly email: string;
  readonly id: string;
}

const NAMES = [
  "Ada Winther",
  "Bo Okafor",
  "Carla Reis",
  "Deniz Aydın",
  "Emil Zając",
  "Freja Holm",
  "Goran Ilić",
  "Hana Sato",
];

export function inventPerson(random: Random): Person {
  const name = random.pick(NAMES);
  const login = name
    .normalize("NFD")
    .replaceAll("ı", "i")
    .replaceAll(/[^A-Za-z ]/g, "")
    .replace(" ", ".")
    .toLowerCase();
  return { name, email: `${login}@bramble.example`, id: `${login}#EXT#@bramble.example` };
}
