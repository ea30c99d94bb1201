/** The demonstration: a number becomes a person; plugs are pulled; others ask; minds change. */

import { byId } from "../shared/dom";
import { type Answer, at } from "./answer";
import { Stage } from "./ask";
import { Consent, keysOf } from "./consent";
import { type Dev, Refused } from "./dev";
import { looks } from "./looks";
import { calls, differences, proof, type Side } from "./panels";
import { card } from "./person";
import { AGENT, type Choice, choices, type Known, options } from "./personas";
import { LINES, MATCHES, PERSON } from "./questions";
import { Sources } from "./sources";
import { el, fill } from "./view";
import { count, lookUp } from "./words";

interface Caller {
  name: string;
  phone: string;
}

type By = { phone: string } | { email: string } | { id: string };

export class Demo {
  private readonly stage: Stage;
  private readonly sources: Sources;
  private readonly consent: Consent;
  private readonly entry = byId("number") as HTMLInputElement;
  private readonly other = byId("other") as HTMLSelectElement;
  private all: Choice[] = [];
  /** How to ask again: by id once it is known, which takes none of the systems. */
  private by: By | null = null;
  private left: Side | null = null;
  private id = "";
  private run = 0;

  constructor(private readonly dev: Dev) {
    this.stage = new Stage(dev);
    this.sources = new Sources(dev, (what) => this.changed(what), failed);
    this.consent = new Consent(this.stage, told, () => this.look(), failed);
  }

  async begin(): Promise<void> {
    this.listen();
    const [known, { callers }] = await Promise.all([
      this.dev.get<Known>("/dev/personas"),
      this.dev.get<{ callers: Caller[] }>("/dev/callers"),
      this.sources.follow(),
    ]);
    this.all = choices(known);
    fill(this.other, ...options(this.all));
    this.offer(callers);
  }

  /** Before anything is waited for: nobody's first click is lost. */
  private listen(): void {
    this.other.addEventListener("change", () => void this.another().catch(failed));
    byId("finder").addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.entry.value.trim()) void this.find(lookUp(this.entry.value));
      else this.entry.focus();
    });
  }

  private offer(callers: Caller[]): void {
    const first = callers[0];
    if (!first) return;
    this.entry.value ||= first.phone;
    const buttons = callers.map(({ phone }) => {
      const pick = el("button", { type: "button", class: "pick" }, phone);
      pick.addEventListener("click", () => {
        this.entry.value = phone;
        void this.find({ phone });
      });
      return pick;
    });
    fill(byId("picks"), "Somebody who might call: ", ...buttons);
  }

  /** Who that is, and all that follows from it. What was found for an earlier entry is dropped when it comes late. */
  private async find(by: By): Promise<void> {
    const run = ++this.run;
    const place = byId("person");
    place.setAttribute("aria-busy", "true");
    this.consent.wait();
    quiet();
    try {
      const { answer, asked } = await this.stage.ask(AGENT, PERSON, { by }, "plan");
      if (run !== this.run) return;
      this.by = by;
      this.left = { title: "Support agent", answer, asked };
      await this.show(answer, by, run);
    } catch (error) {
      failed(error);
    } finally {
      if (run === this.run) {
        place.removeAttribute("aria-busy");
        this.consent.offer();
      }
    }
  }

  private async show(answer: Answer, by: By, run: number): Promise<void> {
    const plan = answer.extensions?.plan ?? [];
    fill(byId("waterfall"), plan.length ? calls(plan) : null);
    const customer = at(answer, ["customer"]);
    const known = customer.value !== null;
    for (const later of document.querySelectorAll<HTMLElement>(".later")) later.hidden = !known;
    if (!known) {
      fill(byId("person"), await this.nobody(answer, by));
      return;
    }
    this.id = String(at(answer, ["customer", "id"]).value);
    this.by = { id: this.id };
    fill(byId("person"), card(answer));
    told(summary(answer));
    await this.compare(run);
    if (run === this.run) await this.consent.about(this.id, keysOf(answer));
    if (run === this.run) await this.look();
  }

  private look(): Promise<void> {
    return looks(this.stage, this.id);
  }

  /** Nobody, or several: then it is asked which of them. */
  private async nobody(answer: Answer, by: By): Promise<HTMLElement> {
    const said = answer.errors?.[0];
    if (said?.extensions?.code === "AMBIGUOUS") return this.several(by);
    const text = said ? said.message : "Nobody of that number or address is known here.";
    told(text);
    return el("p", { class: "nobody" }, text);
  }

  private async several(by: By): Promise<HTMLElement> {
    const { answer } = await this.stage.ask(AGENT, MATCHES, { by });
    const { value } = at(answer, ["customerMatches"]);
    const people = (Array.isArray(value) ? value : []) as {
      customer: { id: string; name: string | null } | null;
    }[];
    const buttons = people.flatMap(({ customer }) => {
      if (!customer) return [];
      const pick = el("button", { type: "button", class: "pick" }, customer.name ?? customer.id);
      pick.addEventListener("click", () => void this.find({ id: customer.id }));
      return [pick];
    });
    told("Several people share it.");
    return el("p", { class: "nobody" }, "Several people share it. Which of them? ", ...buttons);
  }

  /** The same question as the persona chosen. They ask by id: not everybody may look people up by telephone. */
  private async compare(run: number): Promise<void> {
    const choice = this.all.find((one) => one.key === this.other.value);
    const left = this.left;
    if (!choice || !left || !this.id) return;
    const place = byId("differences");
    place.setAttribute("aria-busy", "true");
    try {
      const { answer, asked } = await this.stage.ask(choice.as(this.id), PERSON, { by: { id: this.id } });
      if (run !== this.run || choice.key !== this.other.value) return;
      const right = { title: choice.label, answer, asked };
      fill(place, el("p", { class: "hint" }, choice.title), differences(LINES, left, right));
      fill(byId("proof"), proof(left, right));
    } finally {
      place.removeAttribute("aria-busy");
    }
  }

  private async another(): Promise<void> {
    await this.compare(this.run);
    await this.look();
  }

  private async changed(what: string): Promise<void> {
    told(what);
    if (this.by) await this.find(this.by);
  }
}

export function summary(answer: Answer): string {
  const name = String(at(answer, ["customer", "name"]).value ?? "Somebody");
  const orders = at(answer, ["customer", "orders", "nodes"]).value;
  const gaps = (answer.extensions?.absent ?? []).filter((gap) => gap.reason === "UNAVAILABLE").length;
  const found = `${name} found${Array.isArray(orders) ? ` with ${count(orders.length, "order")}` : ""}`;
  return `${found}, in ${count(answer.extensions?.plan?.length ?? 0, "call")}${gaps ? `; ${count(gaps, "part")} unavailable` : ""}.`;
}

function told(text: string): void {
  byId("told").textContent = text;
}

function quiet(): void {
  byId("problem").hidden = true;
}

export function failed(error: unknown): void {
  byId("problem").textContent =
    error instanceof Refused ? error.message : `This page made a mistake: ${error}`;
  byId("problem").hidden = false;
}
