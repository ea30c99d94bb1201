/** Whom the persona switcher offers: those who ask the examples, then every other role and partner. */

import type { Persona, Personas } from "./wire";
import { spoken } from "./words";

export interface Choice {
  name: string;
  detail: string;
  title: string;
  persona: Persona;
}

export interface Choices {
  title: string;
  choices: Choice[];
}

export function choices(personas: Personas): Choices[] {
  const people = unique(personas.examples.map((one) => one.persona));
  const roles = personas.roles
    .filter((role) => role.group === "staff" && !people.some((one) => one.role === role.role))
    .map((role): Persona => ({ role: role.role }));
  const partners = personas.partners
    .filter((partner) => !people.some((one) => one.client === partner.client))
    .map((partner): Persona => ({ role: partner.role, client: partner.client }));
  const place = (persona: Persona) => personas.roles.findIndex((one) => one.role === persona.role);
  const all = [...people, ...roles, ...partners]
    .sort((a, b) => place(a) - place(b))
    .map((persona) => choice(persona, personas));
  const staff = new Set(personas.roles.filter((role) => role.group === "staff").map((role) => role.role));
  return [
    { title: "Staff", choices: all.filter((one) => staff.has(one.persona.role)) },
    { title: "Customers", choices: all.filter((one) => one.persona.role === "customer") },
    { title: "Partners", choices: all.filter((one) => one.persona.client) },
  ].filter((group) => group.choices.length > 0);
}

function choice(persona: Persona, personas: Personas): Choice {
  const role = personas.roles.find((one) => one.role === persona.role);
  const partner = personas.partners.find((one) => one.client === persona.client);
  const keys = Object.values(persona.keys ?? {}).flat();
  const by = Object.values(persona.by ?? {})[0];
  return {
    name: persona.client ? spoken(persona.client) : spoken(persona.role),
    detail: by ? `who placed order ${by}` : keys.join(", "),
    title: partner?.title ?? role?.title ?? "",
    persona,
  };
}

function key(persona: Persona): string {
  const { role, client, keys, by, customer } = persona;
  return JSON.stringify([role, client ?? null, keys ?? {}, by ?? customer ?? null]);
}

export function same(one: Persona, other: Persona): boolean {
  return key(one) === key({ ...other, ...(one.by && other.by ? {} : { by: undefined as never }) });
}

function unique(people: Persona[]): Persona[] {
  return [...new Map(people.toReversed().map((one) => [key(one), one])).values()].toReversed();
}
