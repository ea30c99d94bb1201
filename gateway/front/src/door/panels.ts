/** What the demonstration shows beside the person: the calls, the switches, the comparison and its proof. */

import type { Answer, Call } from "./answer";
import { type Asked, compared, type Line, type Row, type Taken, taken } from "./differences";
import { el, written } from "./view";
import { waterfall } from "./waterfall";
import { count, ms, system } from "./words";

export interface Source {
  name: string;
  title: string;
  mock: "RUNNING" | "STOPPED" | "ABSENT";
  enabled: boolean;
  up: boolean | null;
  breaker: string;
  p50Ms: number | null;
}

/** The calls it took, in their order and on one scale. */
export function calls(plan: readonly Call[]): HTMLElement {
  const { bars, systems, ms: whole } = waterfall(plan);
  const rows = bars.map((bar) => {
    const line = el("span", { class: "bar", "aria-hidden": "true" }, el("span", { class: "fill" }));
    line.style.setProperty("--from", String(bar.from));
    line.style.setProperty("--width", String(bar.width));
    const name = el("span", { class: "who" }, el("strong", {}, system(bar.system)), ` ${bar.operation}`);
    const asked = `${count(bar.columns.length, "column")}: ${bar.columns.join(", ")}`;
    return el("li", { title: asked }, name, line, el("span", { class: "took" }, ms(bar.ms)));
  });
  const summary = `${count(plan.length, "call")} to ${count(systems, "system")}, ${ms(whole)}`;
  return el(
    "details",
    { class: "calls", open: true },
    el("summary", {}, el("h3", {}, "What it took"), el("span", { class: "soft" }, summary)),
    el("ol", { class: "bars" }, ...rows),
  );
}

/** A system with its switch. `flip` is told what is wanted. */
export function source(one: Source, flip: (run: boolean) => void): HTMLElement {
  const runs = one.mock === "RUNNING";
  const name = `source-${one.name}`;
  const toggle = el("button", {
    type: "button",
    role: "switch",
    class: "switch",
    "aria-checked": String(runs),
    "aria-labelledby": name,
    "data-source": one.name,
    disabled: one.mock === "ABSENT",
  });
  toggle.addEventListener("click", () => flip(!runs));
  const title = el("span", { class: "title", id: name }, system(one.name));
  return el(
    "li",
    { class: one.mock.toLowerCase() },
    toggle,
    title,
    el("span", { class: "state" }, state(one)),
  );
}

export function state(one: Source): string {
  if (one.mock === "ABSENT") return "not started";
  if (one.mock === "STOPPED") return "stopped";
  if (!one.enabled) return "switched off";
  if (one.breaker !== "CLOSED") return "left alone for a while";
  return one.p50Ms === null ? "ready" : `usually ${ms(one.p50Ms)}`;
}

/** Two answers line by line; what differs is marked in words, not by colour alone. */
export function differences(lines: readonly Line[], left: Side, right: Side): HTMLElement {
  const rows = compared(lines, left.answer, right.answer);
  const differing = rows.filter((row) => !row.same).length;
  const head = el(
    "tr",
    {},
    el("td", {}),
    el("th", { scope: "col" }, left.title),
    el("th", { scope: "col" }, right.title),
  );
  return el(
    "div",
    { class: "compared" },
    el("p", { class: "sum" }, `${differing} of ${count(rows.length, "line")} differ.`),
    refusal(right.answer, right.title),
    el("table", {}, el("thead", {}, head), el("tbody", {}, ...rows.map((row) => lineOf(row, left, right)))),
  );
}

export interface Side {
  title: string;
  answer: Answer;
  asked: Asked[];
}

function lineOf(row: Row, left: Side, right: Side): HTMLElement {
  const other = el("td", { "data-of": right.title }, written(row.right));
  if (!row.same)
    other.prepend(
      el(
        "span",
        { class: "differs" },
        el("span", { "aria-hidden": "true" }, "≠"),
        el("span", { class: "unseen" }, "differs:"),
      ),
      " ",
    );
  return el(
    "tr",
    { class: row.same ? "same" : "different" },
    el("th", { scope: "row" }, row.label),
    el("td", { "data-of": left.title }, written(row.left)),
    other,
  );
}

/** A question that was refused as a whole says so in the gateway's own words. */
export function refusal(answer: Answer, who: string): HTMLElement | null {
  if (answer.data !== undefined || !answer.errors?.length) return null;
  return el("p", { class: "refused" }, `${who} is refused: ${answer.errors[0]?.message ?? ""}`);
}

/** What systems were asked for, by their own logs; `spared`: what the right side did not take of them. */
export function proof(left: Side, right: Side): HTMLElement {
  const rows = taken(left.asked, right.asked).map((one) => proofOf(one, left, right));
  const head = el(
    "tr",
    {},
    el("th", { scope: "col" }, "Asked of"),
    el("th", { scope: "col" }, left.title),
    el("th", { scope: "col" }, right.title),
  );
  return el(
    "details",
    { class: "proof", open: true },
    el(
      "summary",
      {},
      el("h3", {}, "What the systems were asked for"),
      el("span", { class: "soft" }, "their own logs"),
    ),
    el("table", {}, el("thead", {}, head), el("tbody", {}, ...rows)),
  );
}

function proofOf(one: Taken, left: Side, right: Side): HTMLElement {
  const spared = one.spared.map((column) => el("del", {}, column));
  const asked = columns(one.right);
  if (one.right && spared.length)
    asked.append(el("span", { class: "spared" }, "never asked for: ", ...spaced(spared)));
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, system(one.system)),
    el("td", { "data-of": left.title }, columns(one.left)),
    el("td", { "data-of": right.title }, asked),
  );
}

function columns(names: string[] | null): HTMLElement {
  if (!names) return el("span", { class: "columns none" }, "not asked at all");
  return el("span", { class: "columns" }, ...spaced(names.map((name) => el("code", {}, name))));
}

function spaced(nodes: HTMLElement[]): (HTMLElement | string)[] {
  return nodes.flatMap((node, index) => (index ? [" ", node] : [node]));
}
