/** The schema takes a token, which a link cannot send: with one, the link hands out the file. */

import { byId } from "../shared/dom";
import { failed } from "./demo";
import { Refused } from "./dev";
import { el } from "./view";

const NAME = "customer_graph.graphql";

export function offerSchema(token: () => Promise<string>): void {
  byId("schema").onclick = (event) => {
    event.preventDefault();
    void token().then(fetched).then(handOut).catch(failed);
  };
}

async function fetched(token: string): Promise<Blob> {
  const reply = await fetch("/schema.graphql", { headers: { Authorization: `Bearer ${token}` } });
  if (!reply.ok) throw new Refused(`The gateway answered ${reply.status}.`, reply.status);
  return reply.blob();
}

function handOut(file: Blob): void {
  const address = URL.createObjectURL(file);
  el("a", { href: address, download: NAME }).click();
  URL.revokeObjectURL(address);
}
