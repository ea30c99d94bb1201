/** The questions of the demonstration, and the lines on which answers to the first are compared. */

import type { Line } from "./differences";
import { blocker, day, money, stage, sum, system, word } from "./words";

export const PERSON = `query Person($by: CustomerBy!) {
  customer(by: $by) {
    id
    name
    tier
    email
    phone
    since
    identities { system key }
    balance { open overdue currency }
    nextBestActions(first: 2) { title }
    orders(first: 3) {
      nodes {
        number
        status
        placedAt
        total { amount currency }
        holds { name }
        orderToCash { stage daysInStage blockedBy { reason } }
        lines { quantity product { name content { title } suppliers { supplier } } }
        shipments { carrier status }
      }
    }
    tickets(first: 2) { nodes { number subject status } }
    touches(first: 2) { nodes { kind at campaign { name } } }
    suggestions(first: 2) { nodes { title votes } }
  }
}`;

export const MATCHES = `query Matches($by: CustomerBy!) {
  customerMatches(by: $by) { customer { id name } }
}`;

export const CAMPAIGN = `query Campaign($by: CustomerBy!) {
  customer(by: $by) {
    name
    email
    tier
    lifetimeValue { amount currency }
    touches(first: 2) { nodes { kind at campaign { name } } }
  }
}`;

export const LOOKS = `query Looks($id: ID!) {
  accessLog(customer: $id, first: 8) { nodes { at role purpose themself categories masked } }
}`;

export const SOURCES = `query Sources { viewer { role } sources { name title status breaker p50Ms } }`;

const ORDERS = "customer.orders.nodes.*";

export const LINES: readonly Line[] = [
  { label: "Name", path: "customer.name" },
  { label: "Standing", path: "customer.tier" },
  { label: "E-mail", path: "customer.email" },
  { label: "Telephone", path: "customer.phone" },
  { label: "Customer since", path: "customer.since", write: day },
  {
    label: "Known to",
    path: "customer.identities.*.system",
    write: (one) => system(String(one).split(".")[0] ?? ""),
  },
  { label: "Balance", path: "customer.balance", write: balance },
  { label: "What to do next", path: "customer.nextBestActions.*.title" },
  { label: "Orders", path: `${ORDERS}.number` },
  { label: "Their state", path: `${ORDERS}.status`, write: word },
  { label: "Placed on", path: `${ORDERS}.placedAt`, write: day },
  { label: "What they cost", path: `${ORDERS}.total`, write: money },
  { label: "Holds", path: `${ORDERS}.holds.*.name` },
  { label: "How far they are", path: `${ORDERS}.orderToCash.stage`, write: stage },
  { label: "What stops them", path: `${ORDERS}.orderToCash.blockedBy.*.reason`, write: blocker },
  { label: "Products", path: `${ORDERS}.lines.*.product.name` },
  { label: "Written about them", path: `${ORDERS}.lines.*.product.content.*.title` },
  { label: "Suppliers", path: `${ORDERS}.lines.*.product.suppliers.*.supplier` },
  { label: "Parcels", path: `${ORDERS}.shipments.*.status`, write: word },
  { label: "Tickets", path: "customer.tickets.nodes.*.subject" },
  { label: "Campaigns", path: "customer.touches.nodes.*.campaign.name" },
  { label: "Suggestions", path: "customer.suggestions.nodes.*.title" },
];

export const CAMPAIGN_LINES: readonly Line[] = [
  { label: "Name", path: "customer.name" },
  { label: "E-mail", path: "customer.email" },
  { label: "Standing", path: "customer.tier" },
  { label: "Worth so far", path: "customer.lifetimeValue", write: money },
  { label: "Campaigns", path: "customer.touches.nodes.*.campaign.name" },
];

export function balance(value: unknown): string {
  const { open, overdue, currency } = value as Record<"open" | "overdue" | "currency", string | null>;
  return `${sum(open, currency)} open, ${sum(overdue, currency)} overdue`;
}
