/** Elements, made of texts that stay texts: nothing that a system says is ever read as markup. */

import type { Found, Gap } from "./answer";
import type { Cell } from "./differences";
import { reason } from "./words";

type Child = Node | string | number | null | undefined | false;

/** `class` and other attributes by name; `true` sets one without a value, false and undefined leave it out. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string | boolean | undefined> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (typeof value === "string") made.setAttribute(name, value);
  }
  made.append(...kept(children));
  return made;
}

function kept(children: Child[]): (Node | string)[] {
  return children.flatMap((one) =>
    one === null || one === undefined || one === false ? [] : [typeof one === "number" ? String(one) : one],
  );
}

export function fill(place: HTMLElement, ...children: Child[]): void {
  place.replaceChildren(...kept(children));
}

const SIGNS: Record<string, string> = { WITHHELD: "⊘", MASKED: "◐", UNAVAILABLE: "⚡" };

/** The mark of a gap: a sign, and in words why. */
export function mark(gap: Gap): HTMLElement {
  const sign = el("span", { "aria-hidden": "true", class: "sign" }, SIGNS[gap.reason] ?? "?");
  return el("span", { class: `gap ${gap.reason.toLowerCase()}` }, sign, reason(gap));
}

/** A value as written, with its mark when it is masked; a mark alone when it is missing; a dash when there is none. */
export function shown(found: Found, write: (value: unknown) => string = String): HTMLElement {
  const { value, gap } = found;
  const nothing = value === null || value === undefined;
  if (gap) return el("span", { class: "value" }, nothing ? null : `${write(value)} `, mark(gap));
  return nothing
    ? el("span", { class: "nothing" }, "none on record")
    : el("span", { class: "value" }, write(value));
}

const MOST = 3;

/** The texts of a line, the first few of them, and its mark. */
export function written(cell: Cell): HTMLElement {
  const texts = [...new Set(cell.texts)];
  const more = texts.length > MOST ? ` and ${texts.length - MOST} more` : "";
  const text = texts.slice(0, MOST).join(", ") + more;
  if (!text && !cell.gap) return el("span", { class: "nothing" }, "none on record");
  return el("span", { class: "value" }, text && `${text} `, cell.gap ? mark(cell.gap) : null);
}
