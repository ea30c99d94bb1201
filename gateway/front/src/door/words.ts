/** How values, gaps and systems are written for people. */

import type { Gap } from "./answer";

export const SYSTEMS: Record<string, string> = {
  siebel: "Siebel",
  oracle_om: "Oracle OM",
  sap: "SAP",
  remedy: "Remedy",
  contentful: "Contentful",
  netsuite: "NetSuite",
  fedex: "FedEx",
  ups: "UPS",
  hubspot: "HubSpot",
  discourse: "Discourse",
  partner_hub: "Partner hub",
};

export function system(name: string): string {
  return SYSTEMS[name] ?? name;
}

/** `PARTIALLY_CLOSED` → `partially closed`. */
export function word(value: unknown): string {
  return String(value).toLowerCase().replaceAll("_", " ");
}

const STAGES: Record<string, string> = {
  ENTRY: "being entered",
  ALLOCATION: "being packed",
  FULFILMENT: "on its way",
  BILLING: "delivered, not yet paid",
  SERVICE: "delivered and paid",
  COMPLETE: "complete",
  CANCELED: "cancelled",
};
const BLOCKERS: Record<string, string> = {
  HOLD: "on hold",
  BACKORDER: "waits for stock",
  DELIVERY: "cannot be delivered",
  BILL_REJECTED: "bill rejected",
  PAYMENT_OVERDUE: "payment overdue",
  TICKET: "open complaint",
};
const KINDS: Record<string, string> = { FORM: "filled in a form", VISITED: "visited a page" };

/** How far an order has come. */
export function stage(value: unknown): string {
  return STAGES[String(value)] ?? word(value);
}

/** What keeps an order from going on. */
export function blocker(value: unknown): string {
  return BLOCKERS[String(value)] ?? word(value);
}

/** What somebody did about a campaign, or it about them. */
export function touched(value: unknown): string {
  return KINDS[String(value)] ?? word(value);
}

export function money(value: unknown): string {
  const { amount, currency } = value as { amount: string; currency: string };
  return sum(amount, currency);
}

/** Exact decimals stay texts: only thousands are set apart and two digits filled up. */
export function sum(amount: string | null, currency: string | null): string {
  if (amount === null) return "unknown";
  const [whole = "0", part = ""] = amount.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return `${grouped}.${part.padEnd(2, "0")} ${currency ?? ""}`.trim();
}

export function day(value: unknown): string {
  const moment = new Date(String(value));
  if (Number.isNaN(moment.valueOf())) return String(value);
  return moment.toLocaleDateString("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    timeZone: "UTC",
  });
}

export function clock(value: unknown): string {
  const moment = new Date(String(value));
  return Number.isNaN(moment.valueOf()) ? String(value) : moment.toLocaleTimeString("en-GB");
}

export function ms(value: number): string {
  return value < 10 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`;
}

export function count(number: number, one: string, several = `${one}s`): string {
  return `${number} ${number === 1 ? one : several}`;
}

/** Why something is not there, in a word or two. */
export function reason(gap: Gap): string {
  switch (gap.reason) {
    case "WITHHELD":
      return gap.category ? `withheld: ${gap.category}` : "withheld";
    case "MASKED":
      return gap.category ? `masked: ${gap.category}` : "masked";
    case "UNAVAILABLE":
      return gap.system ? `unavailable: ${system(gap.system)}` : "unavailable";
    case "AMBIGUOUS":
      return "ambiguous";
    case "NOT_LOADED":
      return "not loaded";
    default:
      return "too old to show";
  }
}

/** What an entry is: an e-mail address when there is an @ in it, else a telephone number. */
export function lookUp(entry: string): { email: string } | { phone: string } {
  const text = entry.trim();
  return text.includes("@") ? { email: text } : { phone: text };
}
