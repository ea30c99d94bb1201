import { type FormEvent, useState } from "react";
import type { Persona, Personas } from "./wire";
import { spoken } from "./words";

const WAYS = { orderNumber: "Order number", email: "E-mail address", id: "Customer id" };

/** Any role, any partner, any customer, any rows. */
export function SomebodyElse({ personas, pick }: { personas: Personas; pick: (persona: Persona) => void }) {
  const [role, choose] = useState("support_agent");
  const chosen = personas.roles.find((one) => one.role === role);
  const clients = personas.partners.filter((one) => one.role === role);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    pick(persona(role, new FormData(event.currentTarget)));
  }

  return (
    <details className="somebody">
      <summary>Somebody else…</summary>
      <form onSubmit={submit}>
        <label>
          Role
          <select name="role" value={role} onChange={(event) => choose(event.target.value)}>
            {personas.roles.map((one) => (
              <option key={one.role} value={one.role}>
                {spoken(one.role)}
              </option>
            ))}
          </select>
        </label>
        {clients.length > 0 && (
          <label>
            Partner
            <select name="client">
              {clients.map((one) => (
                <option key={one.client} value={one.client}>
                  {spoken(one.client)}
                </option>
              ))}
            </select>
          </label>
        )}
        {role === "customer" && (
          <>
            <label>
              Found by
              <select name="way">
                {Object.entries(WAYS).map(([way, name]) => (
                  <option key={way} value={way}>
                    {name}
                  </option>
                ))}
              </select>
            </label>
            <label>
              Which is
              <input name="value" required />
            </label>
          </>
        )}
        {role !== "customer" &&
          clients.length === 0 &&
          chosen?.relations.map((relation) => (
            <label key={relation}>
              {spoken(relation)} (as the systems spell it; several with commas)
              <input name={`key:${relation}`} />
            </label>
          ))}
        <button type="submit" className="primary">
          Ask as {spoken(role).toLowerCase()}
        </button>
      </form>
    </details>
  );
}

export function persona(role: string, said: FormData): Persona {
  const keys: Record<string, string[]> = {};
  for (const [name, value] of said) {
    const words = String(value)
      .split(",")
      .map((word) => word.trim())
      .filter(Boolean);
    if (name.startsWith("key:") && words.length) keys[name.slice(4)] = words;
  }
  const [client, way, value] = [said.get("client"), said.get("way"), said.get("value")];
  if (way === "id") return { role, customer: String(value) };
  return {
    role,
    ...(client ? { client: String(client) } : {}),
    ...(way ? { by: { [String(way)]: String(value).trim() } } : {}),
    ...(Object.keys(keys).length ? { keys } : {}),
  };
}
