/** The gateway's own addresses, relative to the page's. A token goes in a header and nowhere else. */

import type { About, Persona, Personas } from "./wire";

export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

async function asked<T>(path: string, init: RequestInit): Promise<T> {
  const reply = await fetch(path, { ...init, credentials: "omit", cache: "no-store" }).catch(() => {
    throw new Refused(0, "The gateway does not answer.");
  });
  const body = (await reply.json().catch(() => ({}))) as { errors?: { message: string }[] };
  if (!reply.ok) throw new Refused(reply.status, body.errors?.[0]?.message ?? `HTTP ${reply.status}`);
  return body as T;
}

export const INCLUDE = { "X-Include": "sources, plan, policy, cost" };

export function bearer(token: string, purpose: string | null): Record<string, string> {
  return { Authorization: `Bearer ${token}`, ...(purpose ? { "X-Purpose": purpose } : {}) };
}

export function about(token: string, purpose: string | null): Promise<About> {
  return asked("viewer.json", { headers: { ...bearer(token, purpose), "X-Include": "policy" } });
}

export function personas(secret: string): Promise<Personas> {
  return asked("dev/personas", { headers: { "X-Dev-Secret": secret } });
}

export async function minted(secret: string, who: Persona): Promise<string> {
  const said: Record<string, unknown> = { role: who.role };
  if (who.client) said.client = who.client;
  if (who.keys && Object.keys(who.keys).length) said.keys = who.keys;
  if (who.customer) said.customer = who.customer;
  const { token } = await asked<{ token: string }>("dev/token", {
    method: "POST",
    headers: { "X-Dev-Secret": secret, "Content-Type": "application/json" },
    body: JSON.stringify(said),
  });
  return token;
}

const WHO = "query Who($by: CustomerBy!) { customer(by: $by) { id name } }";

/** The customer that a look-up means, asked as somebody who may look. */
export async function found(
  secret: string,
  by: Record<string, string>,
): Promise<{ id: string; name: string | null }> {
  const token = await minted(secret, { role: "support_agent" });
  const answer = await asked<{ data?: { customer: { id: string; name: string | null } | null } }>("graphql", {
    method: "POST",
    headers: { ...bearer(token, null), "Content-Type": "application/json" },
    body: JSON.stringify({ query: WHO, variables: { by } }),
  });
  if (!answer.data?.customer) throw new Refused(404, `Nobody is found by ${Object.values(by).join(", ")}.`);
  return answer.data.customer;
}
