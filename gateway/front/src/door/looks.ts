/** Who has seen this person: the audit trail of the graph, read as an auditor; that look is on record as well. */

import { byId } from "../shared/dom";
import { type Answer, at } from "./answer";
import type { Stage } from "./ask";
import { LOOKS } from "./questions";
import { el, fill, mark } from "./view";
import { clock, word } from "./words";

const AUDITOR = { role: "auditor" };

interface Look {
  at: string;
  role: string;
  purpose: string | null;
  themself: boolean;
  categories: string[];
  masked: string[];
}

export async function looks(stage: Stage, id: string): Promise<void> {
  const { answer } = await stage.ask(AUDITOR, LOOKS, { id });
  fill(byId("looked"), table(answer));
}

export function table(answer: Answer): HTMLElement {
  const found = at(answer, ["accessLog", "nodes"]);
  const rows = Array.isArray(found.value) ? (found.value as Look[]) : [];
  if (found.gap) return el("p", {}, mark(found.gap));
  if (!rows.length) return el("p", {}, answer.errors?.[0]?.message ?? "Nobody yet.");
  const names = ["When", "Who", "What for", "What of them"].map((name) => el("th", { scope: "col" }, name));
  return el(
    "table",
    { class: "looks" },
    el("thead", {}, el("tr", {}, ...names)),
    el("tbody", {}, ...rows.map(row)),
  );
}

function row(look: Look): HTMLElement {
  const masked = new Set(look.masked);
  const kinds = look.categories.map((one) => (masked.has(one) ? `${one} (in part)` : one));
  return el(
    "tr",
    {},
    el("td", {}, clock(look.at)),
    el("td", { "data-of": "Who" }, look.themself ? "the customer" : word(look.role)),
    el("td", { "data-of": "What for" }, look.purpose ?? ""),
    el("td", { "data-of": "What of them" }, kinds.join(", ")),
  );
}
