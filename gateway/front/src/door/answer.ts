/** One answer of the graph, and what it says of its own gaps (`extensions.absent`). */

export type Step = string | number;

export interface Gap {
  path: string;
  coordinate: string;
  reason: "WITHHELD" | "MASKED" | "UNAVAILABLE" | "STALE_SUPPRESSED" | "NOT_LOADED" | "AMBIGUOUS";
  rows: "ALL" | "SOME";
  at?: Step[][];
  system?: string;
  category?: string;
  mask?: string;
}

export interface Call {
  id: number;
  after: number[];
  system: string;
  operation: string;
  columns: string[];
  keys: number;
  rows: number;
  startMs: number;
  ms: number;
  cache: string;
}

export interface Problem {
  message: string;
  path?: Step[];
  extensions?: { code?: string; system?: string };
}

export interface Answer {
  data?: Record<string, unknown> | null;
  errors?: Problem[];
  extensions?: { absent?: Gap[]; plan?: Call[] };
}

/** What an answer has at one place: a value, the reason why there is none, or both when it is masked. */
export interface Found {
  value: unknown;
  gap?: Gap;
}

/** What stands at a place, like `["customer", "orders", "nodes", 0, "total"]`. A gap above it is its gap too. */
export function at(answer: Answer, path: readonly Step[]): Found {
  let value: unknown = answer.data ?? null;
  for (let depth = 0; ; depth++) {
    if (value === null || value === undefined) return absent(answer, path.slice(0, depth));
    const step = path[depth];
    if (step === undefined) break;
    value = (value as Record<Step, unknown>)[step];
  }
  const mask = gapOf(answer, path, (gap) => gap.reason === "MASKED");
  return mask ? { value, gap: mask } : { value };
}

/** Every place that a pattern with `*` means in this answer, in order. Where a list is missing, the place of the list. */
export function places(answer: Answer, pattern: readonly string[]): Step[][] {
  let found: Step[][] = [[]];
  for (const step of pattern) {
    found = found.flatMap((path) => {
      if (step !== "*") return [[...path, step]];
      const { value } = at(answer, path);
      return Array.isArray(value) ? value.map((_, index) => [...path, index]) : [path];
    });
  }
  return found;
}

function absent(answer: Answer, path: readonly Step[]): Found {
  const gap = gapOf(answer, path, (one) => one.reason !== "MASKED");
  return gap ? { value: null, gap } : { value: null };
}

function gapOf(answer: Answer, path: readonly Step[], wanted: (gap: Gap) => boolean): Gap | undefined {
  return (answer.extensions?.absent ?? []).find((gap) => wanted(gap) && concerns(gap, path));
}

function concerns(gap: Gap, path: readonly Step[]): boolean {
  const pattern = gap.path === "" ? [] : gap.path.split(".");
  const fits =
    pattern.length === path.length &&
    pattern.every((step, index) => (step === "*" ? typeof path[index] === "number" : step === path[index]));
  if (!fits || gap.rows === "ALL" || !gap.at) return fits;
  return gap.at.some(
    (exact) => exact.length === path.length && exact.every((step, index) => step === path[index]),
  );
}
