/** A marketer asks, the customer withdraws, the marketer asks again. */

import { byId } from "../shared/dom";
import { type Answer, at } from "./answer";
import type { Stage } from "./ask";
import { cell } from "./differences";
import { differences, proof, type Side } from "./panels";
import { CAMPAIGN, CAMPAIGN_LINES } from "./questions";
import { el, fill, written } from "./view";

const MARKETER = { role: "marketer" };
const KEPT: Record<string, string> = { "siebel.contact": "siebel", "hubspot.contact": "hubspot" };
const NOTE =
  "HubSpot files what people agreed to under their e-mail address: that key is all it was asked for. Of Siebel, only the flags that say whom not to contact.";

/** Keys by system, of the systems that keep what somebody agreed to. */
export function keysOf(answer: Answer): Record<string, string[]> {
  const { value } = at(answer, ["customer", "identities"]);
  const keys: Record<string, string[]> = {};
  for (const one of Array.isArray(value) ? (value as { system: string; key: string }[]) : []) {
    const name = KEPT[one.system];
    if (name) keys[name] = [...(keys[name] ?? []), one.key];
  }
  return keys;
}

/** Nobody who has said no is named to a marketer. */
export function agreed(answer: Answer): boolean {
  return at(answer, ["customer", "name"]).gap?.reason !== "WITHHELD";
}

export class Consent {
  private readonly button = byId("withdraw") as HTMLButtonElement;
  private readonly place = byId("campaign");
  private id = "";
  private keys: Record<string, string[]> = {};
  private last: Side | null = null;

  constructor(
    private readonly stage: Stage,
    private readonly told: (text: string) => void,
    private readonly after: () => Promise<void>,
    private readonly failed: (error: unknown) => void,
  ) {
    this.button.addEventListener("click", () => void this.change().catch(this.failed));
  }

  /** Nobody changes their mind while everything is asked anew: what is answered then would hide what that has changed. */
  wait(): void {
    this.button.disabled = true;
  }

  /** Ask about this person for the first time. */
  async about(id: string, keys: Record<string, string[]>): Promise<void> {
    this.id = id;
    this.keys = keys;
    this.last = await this.asked("A marketer");
    this.offer();
    fill(this.place, alone(this.last));
  }

  private async change(): Promise<void> {
    const before = this.last;
    if (!before) return;
    const gives = !agreed(before.answer);
    this.button.disabled = true;
    const after = await this.changed(gives).finally(() => this.offer());
    const earlier = { ...before, title: gives ? "Before, without" : "Before" };
    const note = gives ? null : el("p", { class: "note" }, NOTE);
    fill(this.place, differences(CAMPAIGN_LINES, earlier, after), proof(earlier, after), note);
    this.told(
      gives
        ? "Consent is given: the marketer sees them again."
        : "Consent is withdrawn: the marketer fetches nothing.",
    );
    await this.after();
  }

  private async changed(gives: boolean): Promise<Side> {
    await this.stage.dev.post("/dev/consent", { keys: this.keys, agreed: gives });
    const after = await this.asked(gives ? "With consent" : "Without consent");
    this.last = after;
    return after;
  }

  private async asked(title: string): Promise<Side> {
    const { answer, asked } = await this.stage.ask(MARKETER, CAMPAIGN, { by: { id: this.id } });
    return { title, answer, asked };
  }

  offer(): void {
    const known = Object.keys(this.keys).length > 0;
    this.button.disabled = !known;
    this.button.textContent = this.last && !agreed(this.last.answer) ? "Give consent" : "Withdraw consent";
  }
}

function alone(side: Side): HTMLElement {
  const rows = CAMPAIGN_LINES.map(({ label, path, write }) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, label),
      el("td", {}, written(cell(side.answer, path, write ?? String))),
    ),
  );
  return el(
    "table",
    { class: "alone" },
    el("caption", {}, "What the marketer is answered"),
    el("tbody", {}, ...rows),
  );
}
