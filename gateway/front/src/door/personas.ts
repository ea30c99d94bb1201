/** Whom one can be beside the support agent: roles of staff, the customer themself, and partners' clients. */

import type { Persona } from "./dev";
import { el } from "./view";
import { word } from "./words";

export interface Known {
  roles: { role: string; title: string; group: string }[];
  partners: { client: string; role: string; title: string }[];
}

export interface Choice {
  key: string;
  label: string;
  title: string;
  group: string;
  /** Who it is, once it is known whom the question is about. */
  as: (customer: string) => Persona;
}

export const AGENT: Persona = { role: "support_agent" };
const FIRST = "warehouse";

export function choices(known: Known): Choice[] {
  const staff = known.roles
    .filter((one) => one.group === "staff" && one.role !== AGENT.role)
    .map(({ role, title }) => choice(role, title, "Colleagues", () => ({ role })));
  const own = known.roles
    .filter((one) => one.role === "customer")
    .map(({ role, title }) => ({
      ...choice(role, title, "Outside", (customer) => ({ role, customer })),
      label: "The customer",
    }));
  const partners = known.partners.map(({ client, role, title }) => ({
    ...choice(client, title, "Partners", () => ({ role, client })),
    label: client,
  }));
  return [...staff, ...own, ...partners];
}

function choice(key: string, title: string, group: string, as: Choice["as"]): Choice {
  const spelled = word(key);
  return { key, label: spelled.charAt(0).toUpperCase() + spelled.slice(1), title, group, as };
}

export function options(all: readonly Choice[]): HTMLElement[] {
  return [...new Set(all.map((one) => one.group))].map((group) =>
    el(
      "optgroup",
      { label: group },
      ...all
        .filter((one) => one.group === group)
        .map((one) => el("option", { value: one.key, selected: one.key === FIRST }, one.label)),
    ),
  );
}
