/**
 * How GraphiQL asks: as somebody, with all they may be told beside the answer. What is told goes to the panels; what is
 * shown is the answer as any client of theirs gets it. The schema it is given says of each field whether they see it.
 */

import type { Fetcher } from "@graphiql/toolkit";
import { remember, split } from "./answers";
import { bearer, INCLUDE } from "./api";
import { annotated } from "./locks";
import { type Asker, renewed } from "./session";

const ACCEPT = "application/graphql-response+json, application/json";

/** A fetcher of its own for each asker: a new one has GraphiQL read the schema again. */
export function fetcherFor(asker: Asker): Fetcher {
  return async (question, options) => {
    const send = (token: string) =>
      fetch("graphql", {
        method: "POST",
        credentials: "omit",
        cache: "no-store",
        headers: {
          Accept: ACCEPT,
          "Content-Type": "application/json",
          ...INCLUDE,
          ...bearer(token, asker.purpose),
          ...(options?.headers as Record<string, string> | undefined),
        },
        body: JSON.stringify(question),
      });
    let reply = await send(asker.token);
    if (reply.status === 401) {
      const token = await renewed();
      if (token) reply = await send(token);
    }
    const answer = (await reply.json()) as Record<string, unknown>;
    if (question.operationName === "IntrospectionQuery") return annotated(answer, asker.about);
    const { visible, told } = split(answer);
    remember(JSON.stringify(visible, null, 2), told);
    return visible as never;
  };
}
