/**
 * How GraphiQL asks: as somebody, with all they may be told beside the answer. What is told goes to the panels; what is
 * shown is the answer as any client of theirs gets it. The schema it is given says of each field whether they see it.
 */

import type { Fetcher } from "@graphiql/toolkit";
import { remember, split } from "./answers";
import { bearer, INCLUDE, Refused } from "./api";
import { annotated } from "./locks";
import { meant } from "./operation";
import { type Asker, ended, renewed } from "./session";

type Answer = Record<string, unknown>;

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
        body: JSON.stringify({ ...question, operationName: meant(question.query, question.operationName) }),
      });
    const answer = await answered(send, asker.token).catch((error: unknown) => refused(error));
    if (question.operationName === "IntrospectionQuery") return annotated(answer, asker.about);
    const { visible, told } = split(answer);
    remember(JSON.stringify(visible, null, 2), told);
    return visible as never;
  };
}

async function answered(send: (token: string) => Promise<Response>, token: string): Promise<Answer> {
  let reply = await send(token);
  if (reply.status === 401) {
    const fresh = await renewed();
    if (fresh) reply = await send(fresh);
    else ended();
  }
  return (await reply.json().catch(() => {
    throw new Refused(reply.status, `The gateway answered ${reply.status}, and nothing that can be read.`);
  })) as Answer;
}

/** As an answer, so that it stands where one looks for it; a browser's own words say nothing to anybody. */
function refused(error: unknown): Answer {
  const message = error instanceof Refused ? error.message : "The gateway does not answer.";
  return { errors: [{ message }] };
}
