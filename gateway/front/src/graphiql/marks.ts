/** What stands behind a line of the answer when there is more to say of it than its value does. */

import { positions } from "./lines";
import type { Absent, Told } from "./wire";
import { age, reasonWords } from "./words";

export type Kind = "withheld" | "masked" | "unavailable" | "stale";

export interface Mark {
  line: number;
  kind: Kind;
  text: string;
  /** In full, for who points at it. */
  hint: string;
}

const KINDS: Record<Absent["reason"], Kind> = {
  WITHHELD: "withheld",
  MASKED: "masked",
  UNAVAILABLE: "unavailable",
  STALE_SUPPRESSED: "stale",
  NOT_LOADED: "unavailable",
  AMBIGUOUS: "unavailable",
};

export function marks(text: string, told: Told): Mark[] {
  const places = positions(text);
  const gaps = told.absent.flatMap((gap) =>
    places
      .filter((place) => concerns(gap, place.path, place.pattern, place.value))
      .map((place) => ({ line: place.line, kind: KINDS[gap.reason], ...reasonWords(gap) })),
  );
  const old = told.sources
    .filter((source) => source.mode === "STALE" || source.mode === "FALLBACK")
    .flatMap((source) =>
      places
        .filter((place) => place.pattern === source.path)
        .map((place) => ({
          line: place.line,
          kind: "stale" as const,
          text: `${source.mode.toLowerCase()}, ${age(source.ageMs)} old`,
          hint: `${source.system} was last heard ${age(source.ageMs)} ago; this is what it said then.`,
        })),
    );
  return [...gaps, ...old];
}

function concerns(gap: Absent, path: string, pattern: string, value: string): boolean {
  if (gap.at) return gap.at.some((place) => place.join(".") === path);
  return gap.path === pattern && (gap.reason === "MASKED" ? value !== "null" : value === "null");
}
