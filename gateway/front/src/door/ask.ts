/** A question to the graph, and what the systems were asked for it, by their own logs. */

import type { Answer } from "./answer";
import { type Dev, type Persona, Refused } from "./dev";
import type { Asked } from "./differences";

/** Refused as a whole or not, an answer is an answer; only a gateway that is not there, or turns us away, raises. */
export async function ask(
  token: string,
  query: string,
  variables: object = {},
  include = "",
): Promise<Answer> {
  const headers: Record<string, string> = {
    Authorization: `Bearer ${token}`,
    "Content-Type": "application/json",
  };
  if (include) headers["X-Include"] = include;
  const reply = await fetch("/graphql", {
    method: "POST",
    headers,
    body: JSON.stringify({ query, variables }),
  }).catch(() => {
    throw new Refused("The gateway does not answer.", 0);
  });
  const told = (await reply.json().catch(() => null)) as Answer | null;
  if (!reply.ok || !told) {
    throw new Refused(told?.errors?.[0]?.message ?? `The gateway answered ${reply.status}.`, reply.status);
  }
  return told;
}

/** One after the other, so that what a log has gained in the meantime is of one question. */
export class Stage {
  private turn: Promise<unknown> = Promise.resolve();

  constructor(readonly dev: Dev) {}

  ask(
    persona: Persona,
    query: string,
    variables: object,
    include = "",
  ): Promise<{ answer: Answer; asked: Asked[] }> {
    const mine = this.turn.then(async () => {
      const token = await this.dev.token(persona);
      const { marks } = await this.dev.post<{ marks: Record<string, number> }>("/dev/requests/mark");
      const answer = await ask(token, query, variables, include);
      const since = new URLSearchParams(Object.entries(marks).map(([name, mark]) => [name, String(mark)]));
      const { requests } = await this.dev.get<{ requests: Asked[] }>(`/dev/requests?${since}`);
      return { answer, asked: requests };
    });
    this.turn = mine.catch(() => undefined);
    return mine;
  }
}
