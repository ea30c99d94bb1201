import { expect, test } from "vitest";
import { choices, same } from "./choices";
import { persona } from "./SomebodyElse";
import { scale, ticks } from "./scale";
import type { Persona, Personas } from "./wire";

const role = (name: string, group = "staff") => ({
  role: name,
  title: `${name} does it: all of it.`,
  purposes: ["service"],
  group,
  relations: [],
});

const asks = (who: Persona) => ({ name: "one", title: "One?", persona: { keys: {}, ...who } });

const PERSONAS: Personas = {
  roles: [
    role("support_agent"),
    role("marketer"),
    role("customer", "partner"),
    role("partner_carrier", "partner"),
  ],
  partners: [
    { client: "parcelline", role: "partner_carrier", title: "Carries.", purposes: [] },
    { client: "acme-parts", role: "partner_carrier", title: "Supplies.", purposes: [] },
  ],
  examples: [
    asks({ role: "marketer", purpose: "marketing" }),
    asks({ role: "marketer", purpose: "analytics" }),
    asks({ role: "customer", by: { orderNumber: "7" } }),
    asks({ role: "partner_carrier", client: "parcelline" }),
  ],
};

test("everybody is offered once, in the policy's order", () => {
  const offered = choices(PERSONAS).map((group) => [group.title, ...group.choices.map((one) => one.name)]);
  expect(offered).toEqual([
    ["Staff", "Support agent", "Marketer"],
    ["Customers", "Customer"],
    ["Partners", "Parcelline", "Acme parts"],
  ]);
});

test("a persona is the same whatever they ask for, and not with other rows", () => {
  expect(same({ role: "marketer", purpose: "marketing" }, { role: "marketer", purpose: "analytics" })).toBe(
    true,
  );
  expect(same({ role: "a", keys: { own: ["1"] } }, { role: "a", keys: { own: ["2"] } })).toBe(false);
});

test("a form makes a persona with what was filled in, and nothing else", () => {
  const said = new FormData();
  said.set("key:own-region", " EMEA, AMER ,");
  said.set("key:assigned", " ");
  expect(persona("account_manager", said)).toEqual({
    role: "account_manager",
    keys: { "own-region": ["EMEA", "AMER"] },
  });
  const customer = new FormData();
  customer.set("way", "email");
  customer.set("value", " ada@example.com ");
  expect(persona("customer", customer)).toEqual({ role: "customer", by: { email: "ada@example.com" } });
});

test("calls stand where they began and are as long as they took", () => {
  const { end, place } = scale([
    { startMs: 0, ms: 40 },
    { startMs: 40, ms: 60 },
  ]);
  expect(end).toBe(100);
  expect(place({ startMs: 40, ms: 60 })).toEqual({ left: "40%", width: "60%" });
  expect(ticks(100)).toEqual([0, 20, 40, 60, 80]);
  expect(ticks(0.7).length).toBeLessThan(8);
});
