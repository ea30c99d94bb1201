/** Two answers to one question side by side, line by line; and what each had systems asked for. */

import { type Answer, at, type Gap, places } from "./answer";

/** A line of the comparison: what it is called, where it stands in the answer, and how it is written. */
export interface Line {
  label: string;
  path: string;
  write?: (value: unknown) => string;
}

/** What one answer says on a line. */
export interface Cell {
  texts: string[];
  gap?: Gap;
}

export interface Row {
  label: string;
  left: Cell;
  right: Cell;
  same: boolean;
}

export function compared(lines: readonly Line[], left: Answer, right: Answer): Row[] {
  return lines
    .map(({ label, path, write }) => {
      const cells = [left, right].map((answer) => cell(answer, path, write ?? String)) as [Cell, Cell];
      return {
        label,
        left: cells[0],
        right: cells[1],
        same: neither(cells) || JSON.stringify(cells[0]) === JSON.stringify(cells[1]),
      };
    })
    .filter((row) => !nothing(row.left) || !nothing(row.right));
}

export function cell(answer: Answer, path: string, write: (value: unknown) => string): Cell {
  const texts: string[] = [];
  let gap: Gap | undefined;
  for (const place of places(answer, path.split("."))) {
    const found = at(answer, place);
    gap ??= found.gap;
    if (found.value !== null && found.value !== undefined && !Array.isArray(found.value))
      texts.push(write(found.value));
  }
  return gap ? { texts, gap: shown(gap) } : { texts };
}

/** Without what tells one row from another: two answers with the same gap on a line are the same there. */
function shown({ path, coordinate, reason, rows, system, category, mask }: Gap): Gap {
  const told: Gap = { path, coordinate, reason, rows };
  if (system) told.system = system;
  if (category) told.category = category;
  if (mask) told.mask = mask;
  return told;
}

/** Withheld from both, or down for both, is the same to both, whatever each is told of it. */
function neither([left, right]: [Cell, Cell]): boolean {
  const bare = left.texts.length + right.texts.length === 0;
  return bare && left.gap !== undefined && left.gap.reason === right.gap?.reason;
}

function nothing(one: Cell): boolean {
  return one.texts.length === 0 && !one.gap;
}

/** One entry of a mock's request log. */
export interface Asked {
  system: string;
  operation: string | null;
  columns: string[];
  method: string;
  path: string;
}

/** The columns that two answers took of one system. `left` and `right` null: it was not asked at all. */
export interface Taken {
  system: string;
  left: string[] | null;
  right: string[] | null;
  spared: string[];
}

export function taken(left: readonly Asked[], right: readonly Asked[]): Taken[] {
  const one = bySystem(left);
  const other = bySystem(right);
  return [...new Set([...one.keys(), ...other.keys()])].sort().map((system) => {
    const had = one.get(system);
    const has = other.get(system);
    const spared = [...(had ?? [])].filter((column) => !has?.has(column)).sort();
    return { system, left: had ? [...had].sort() : null, right: has ? [...has].sort() : null, spared };
  });
}

/** Logins ask for no column, and are no question. */
function bySystem(asked: readonly Asked[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const { system, operation, columns } of asked) {
    if (operation === null || columns.length === 0) continue;
    const known = found.get(system) ?? new Set<string>();
    for (const column of columns) known.add(column);
    found.set(system, known);
  }
  return found;
}
