/** What of the schema is locked for somebody, and how it is said in docs, completion and hovers. */

import type { About, Category, Decision } from "./wire";
import { DECISIONS } from "./words";

export interface Lock {
  coordinate: string;
  category: Category;
  reference: string | undefined;
}

/** What decides about each coordinate that has a category. */
export function lockOf(about: About, coordinate: string): Lock | null {
  const name = about.coordinates[coordinate];
  const category = about.categories.find((one) => one.name === name);
  return category ? { coordinate, category, reference: about.references[coordinate] } : null;
}

export interface Group {
  category: Category;
  coordinates: string[];
}

/** Categories with what belongs to them, the locked ones first. */
export function groups(about: About, only: Decision | "ALL", sought: string): Group[] {
  const words = sought.trim().toLowerCase();
  const order: Decision[] = ["WITHHELD", "MASKED", "CONDITIONAL", "SEEN"];
  return about.categories
    .filter((one) => only === "ALL" || one.decision === only)
    .map((category) => {
      const all = Object.keys(about.coordinates).filter((at) => about.coordinates[at] === category.name);
      const named = category.name.includes(words);
      return { category, coordinates: named ? all : all.filter((at) => at.toLowerCase().includes(words)) };
    })
    .filter((group) => group.coordinates.length > 0)
    .sort((a, b) => order.indexOf(a.category.decision) - order.indexOf(b.category.decision));
}

export function held(about: About): { seen: number; all: number } {
  return {
    seen: about.categories.filter((one) => one.decision !== "WITHHELD").length,
    all: about.categories.length,
  };
}

interface Described {
  name: string;
  description?: string | null;
  args?: Described[];
  fields?: Described[] | null;
  inputFields?: Described[] | null;
}

/** The same introspection, with a line for every field that the asker does not see as it is. */
export function annotated(answer: Record<string, unknown>, about: About): never {
  const types = (answer.data as { __schema?: { types: Described[] } } | undefined)?.__schema?.types ?? [];
  for (const type of types) {
    for (const field of [...(type.fields ?? []), ...(type.inputFields ?? [])]) {
      describe(field, `${type.name}.${field.name}`, about);
      for (const arg of field.args ?? []) describe(arg, `${type.name}.${field.name}(${arg.name}:)`, about);
    }
  }
  return answer as never;
}

function describe(one: Described, coordinate: string, about: About): void {
  const lock = lockOf(about, coordinate);
  if (!lock || lock.category.decision === "SEEN") return;
  one.description = [one.description ?? "", said(lock.category)].filter(Boolean).join("\n\n");
}

export function said(category: Category): string {
  const mark =
    category.decision === "WITHHELD" ? "🔒 Withheld from you" : `◐ For you ${DECISIONS[category.decision]}`;
  const how = category.decision === "WITHHELD" ? category.why.replace(/\.$/, "") : category.sentence;
  return `**${mark}** · \`${category.name}\` · ${how}.`;
}
