/** A person, as the answer has them: each value, or why it is not there. */

import { type Answer, at, type Found, type Step } from "./answer";
import { balance } from "./questions";
import { el, mark, shown } from "./view";
import { blocker, count, day, money, stage, system, touched, word } from "./words";

export function card(answer: Answer): HTMLElement {
  const found = (...path: Step[]): Found => at(answer, ["customer", ...path]);
  const head = el(
    "header",
    {},
    el("h3", { class: "name" }, shown(found("name"))),
    el("p", { class: "tier" }, shown(found("tier"))),
  );
  const facts = el(
    "dl",
    { class: "facts" },
    fact("E-mail", shown(found("email"))),
    fact("Telephone", shown(found("phone"))),
    fact("Customer since", shown(found("since"), day)),
    fact("Balance", shown(found("balance"), balance)),
    fact("Known to", known(found("identities"))),
    fact("What to do next", next(found("nextBestActions"))),
  );
  return el(
    "article",
    { class: "person" },
    head,
    facts,
    part("Orders", found("orders", "nodes"), (index) => order(found, index), "part wide"),
    part("Tickets", found("tickets", "nodes"), (index) => ticket(found, index)),
    part("Heard from us", found("touches", "nodes"), (index) => touch(found, index)),
    part("Suggested", found("suggestions", "nodes"), (index) => suggestion(found, index)),
  );
}

type Read = (...path: Step[]) => Found;

function fact(label: string, value: HTMLElement): HTMLElement {
  return el("div", {}, el("dt", {}, label), el("dd", {}, value));
}

/** A list, or the mark of its gap. A list that is there and empty says so. */
function part(title: string, list: Found, item: (index: number) => HTMLElement, kind = "part"): HTMLElement {
  const rows = Array.isArray(list.value) ? list.value : [];
  const body = rows.length
    ? el("ul", { class: "rows" }, ...rows.map((_, index) => item(index)))
    : el(
        "p",
        { class: "rows" },
        list.gap ? mark(list.gap) : el("span", { class: "nothing" }, "none on record"),
      );
  return el("section", { class: kind }, el("h4", {}, title), body);
}

function known(identities: Found): HTMLElement {
  const keys = Array.isArray(identities.value) ? (identities.value as { system: string }[]) : [];
  if (!keys.length) return shown(identities);
  const systems = [...new Set(keys.map((key) => key.system.split(".")[0] ?? ""))];
  return el(
    "span",
    { class: "value", title: systems.map(system).join(", ") },
    count(systems.length, "system"),
  );
}

function next(actions: Found): HTMLElement {
  const titles = texts(actions, (one) => String((one as { title: string }).title));
  return titles.length
    ? el("span", { class: "value" }, titles.join(" "))
    : shown({ ...actions, value: null });
}

function order(found: Read, index: number): HTMLElement {
  const one = (...path: Step[]): Found => found("orders", "nodes", index, ...path);
  const holds = texts(one("holds"), (hold) => String((hold as { name: string | null }).name ?? ""));
  return el(
    "li",
    {},
    el("p", { class: "line" }, el("strong", {}, shown(one("number"))), " ", shown(one("status"), word)),
    el("p", { class: "line soft" }, shown(one("placedAt"), day), " · ", shown(one("total"), money)),
    holds.length ? el("p", { class: "line hold" }, `On hold: ${holds.join(", ")}`) : null,
    progress(one),
    bought(one),
    parcels(one("shipments")),
  );
}

/** How far it has come, since when, and what keeps it there. */
function progress(one: Read): HTMLElement | null {
  const at = one("orderToCash", "stage");
  if (at.value === null && !at.gap) return null;
  const days = one("orderToCash", "daysInStage").value;
  const blockers = texts(one("orderToCash", "blockedBy"), (each) =>
    each ? blocker((each as { reason: string }).reason) : "",
  );
  const since = typeof days === "number" && at.value !== "COMPLETE" ? ` for ${count(days, "day")}` : "";
  return el(
    "p",
    { class: blockers.length ? "line hold" : "line soft" },
    shown(at, (value) => stage(value) + since),
    blockers.length ? `: ${[...new Set(blockers)].join(", ")}` : null,
  );
}

function bought(one: Read): HTMLElement {
  const lines = one("lines");
  if (!Array.isArray(lines.value)) return el("p", { class: "line soft" }, shown(lines));
  const rows = lines.value.slice(0, 3).map((_, index) => {
    const quantity = shown(one("lines", index, "quantity"));
    return el("li", {}, quantity, " × ", shown(one("lines", index, "product", "name")));
  });
  const more = lines.value.length - rows.length;
  return el(
    "ul",
    { class: "lines" },
    ...rows,
    more > 0 ? el("li", { class: "soft" }, `and ${more} more`) : null,
  );
}

function parcels(shipments: Found): HTMLElement | null {
  if (shipments.gap) return el("p", { class: "line soft" }, "Parcels: ", mark(shipments.gap));
  const told = texts(shipments, (one) => {
    const { carrier, status } = one as { carrier: string | null; status: string | null };
    return [carrier, status && word(status)].filter(Boolean).join(", ");
  });
  return told.length ? el("p", { class: "line soft" }, `Parcels: ${[...new Set(told)].join("; ")}`) : null;
}

function ticket(found: Read, index: number): HTMLElement {
  const one = (...path: Step[]): Found => found("tickets", "nodes", index, ...path);
  return el("li", {}, shown(one("subject")), " ", el("span", { class: "soft" }, shown(one("status"), word)));
}

function touch(found: Read, index: number): HTMLElement {
  const one = (...path: Step[]): Found => found("touches", "nodes", index, ...path);
  const when = el("span", { class: "soft" }, shown(one("at"), day));
  return el(
    "li",
    {},
    shown(one("campaign", "name")),
    " ",
    el("span", { class: "soft" }, shown(one("kind"), touched), ", "),
    when,
  );
}

function suggestion(found: Read, index: number): HTMLElement {
  const one = (...path: Step[]): Found => found("suggestions", "nodes", index, ...path);
  const votes = shown(one("votes"), (value) => count(Number(value), "vote"));
  return el("li", {}, shown(one("title")), " ", el("span", { class: "soft" }, votes));
}

function texts(list: Found, read: (one: unknown) => string): string[] {
  return Array.isArray(list.value) ? list.value.map(read).filter(Boolean) : [];
}
