/** Out of dev mode: how the systems are, for a token of a role that may know. The token is kept nowhere. */

import { byId } from "../shared/dom";
import { type Answer, at } from "./answer";
import { ask } from "./ask";
import { failed } from "./demo";
import { Refused } from "./dev";
import { SOURCES } from "./questions";
import { offerSchema } from "./schema";
import { el, fill, mark } from "./view";
import { ms, system, word } from "./words";

const NOT_TAKEN = "This token is not accepted: it has run out, or was made for another gateway.";

interface State {
  name: string;
  status: string;
  breaker: string;
  p50Ms: number | null;
}

export function production(): void {
  byId("production").hidden = false;
  byId("token-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const { value } = byId("token") as HTMLInputElement;
    if (!value.trim()) return;
    offerSchema(async () => value.trim());
    void ask(value.trim(), SOURCES)
      .then(show)
      .catch((error: unknown) => {
        fill(byId("states"));
        const spent = error instanceof Refused && error.status === 401;
        failed(spent ? new Refused(NOT_TAKEN, 401) : error);
      });
  });
}

function show(answer: Answer): void {
  byId("problem").hidden = true;
  const found = at(answer, ["sources"]);
  const rows = Array.isArray(found.value) ? (found.value as State[]) : [];
  const none = found.gap ? mark(found.gap) : (answer.errors?.[0]?.message ?? "Nothing to show.");
  fill(byId("states"), ...(rows.length ? rows.map(row) : [el("li", {}, none)]));
  byId("told").textContent = rows.length ? `${rows.length} systems.` : "Not shown to this role.";
}

function row(one: State): HTMLElement {
  const usual = one.p50Ms === null ? "" : `, usually ${ms(one.p50Ms)}`;
  const alone = one.breaker === "CLOSED" ? "" : ", left alone for a while";
  const state = `${word(one.status)}${alone}${usual}`;
  return el(
    "li",
    { class: one.status === "DOWN" || one.status === "OFF" ? "stopped" : "running" },
    el("span", { class: "title" }, system(one.name)),
    el("span", { class: "state" }, state),
  );
}
