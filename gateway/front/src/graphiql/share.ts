/**
 * Links to a question: the question itself and for whom it was asked, behind the `#`, which is sent to nobody. Never a
 * token, a header, or who a customer is.
 */

import { taken } from "../shared/secret";
import type { Persona } from "./wire";

export interface Shared {
  query: string | null;
  variables: string | null;
  persona: Persona | null;
}

export function link(page: string, query: string, variables: string, who: Persona | null): string {
  const words = new URLSearchParams({ query });
  if (variables.trim() && variables.trim() !== "{}") words.set("variables", variables);
  if (who) {
    words.set("role", who.role);
    if (who.client) words.set("client", who.client);
    if (who.purpose) words.set("purpose", who.purpose);
  }
  return `${page.split("#")[0]}#${words}`;
}

/** What the address names, taken off it. */
export function shared(): Shared {
  const [query, variables, role] = [taken("query"), taken("variables"), taken("role")];
  const [client, purpose] = [taken("client"), taken("purpose")];
  return { query, variables, persona: role ? { role, client, purpose } : null };
}
