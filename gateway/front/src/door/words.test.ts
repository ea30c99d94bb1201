import { expect, test } from "vitest";
import { agreed, keysOf } from "./consent";
import { choices } from "./personas";
import { waterfall } from "./waterfall";
import { blocker, clock, count, day, lookUp, money, ms, reason, stage, sum, touched, word } from "./words";

test.each([
  ["1202", "1,202.00 USD"],
  ["15608.6", "15,608.60 USD"],
  ["0.123", "0.123 USD"],
  ["-1234567.5", "-1,234,567.50 USD"],
])("an exact decimal stays one: %s", (amount, text) => {
  expect(money({ amount, currency: "USD" })).toBe(text);
});

test("what is not known is not counted as nothing", () => {
  expect(sum(null, null)).toBe("unknown");
  expect(sum("1", null)).toBe("1.00");
});

test("words, days and counts are written for people", () => {
  expect(word("PARTIALLY_CLOSED")).toBe("partially closed");
  expect(day("2026-11-03T23:30:00+00:00")).toBe("3 Nov 2026");
  expect(day("soon")).toBe("soon");
  expect(clock("nonsense")).toBe("nonsense");
  expect([count(1, "call"), count(2, "call"), ms(3.21), ms(123.4)]).toEqual([
    "1 call",
    "2 calls",
    "3.2 ms",
    "123 ms",
  ]);
});

test("how far an order is, what stops it and what somebody did are said in plain words, new ones as they come", () => {
  expect([stage("BILLING"), stage("NEW_ONE")]).toEqual(["delivered, not yet paid", "new one"]);
  expect([blocker("BACKORDER"), blocker("NEW_ONE")]).toEqual(["waits for stock", "new one"]);
  expect([touched("FORM"), touched("OPENED")]).toEqual(["filled in a form", "opened"]);
});

test("a gap says why", () => {
  const gap = { path: "x", coordinate: "X.y", rows: "ALL" as const };
  expect(reason({ ...gap, reason: "WITHHELD", category: "contact" })).toBe("withheld: contact");
  expect(reason({ ...gap, reason: "WITHHELD" })).toBe("withheld");
  expect(reason({ ...gap, reason: "UNAVAILABLE", system: "oracle_om" })).toBe("unavailable: Oracle OM");
  expect(reason({ ...gap, reason: "UNAVAILABLE", system: "backend-1" })).toBe("unavailable: backend-1");
});

test("an entry with an @ is an address, everything else a number", () => {
  expect(lookUp(" ada@example.com ")).toEqual({ email: "ada@example.com" });
  expect(lookUp("+1 (617) 555-0117")).toEqual({ phone: "+1 (617) 555-0117" });
});

test("bars lie on one scale, in the order of their start, and none is too thin to see or sticks out", () => {
  const call = { after: [], operation: "x", columns: [], keys: 1, rows: 1, cache: "NONE" };
  const {
    bars,
    systems,
    ms: whole,
  } = waterfall([
    { ...call, id: 2, system: "sap", startMs: 50, ms: 50 },
    { ...call, id: 1, system: "siebel", startMs: 0, ms: 50 },
    { ...call, id: 3, system: "sap", startMs: 100, ms: 0 },
  ]);
  expect(bars.map((bar) => [bar.system, bar.from, bar.width])).toEqual([
    ["siebel", 0, 0.5],
    ["sap", 0.5, 0.5],
    ["sap", 0.992, 0.008],
  ]);
  expect([systems, whole]).toEqual([2, 100]);
});

test("one can be every colleague but the agent, the customer themself, and partners by their clients", () => {
  const all = choices({
    roles: [
      { role: "support_agent", title: "", group: "staff" },
      { role: "account_manager", title: "Looks after", group: "staff" },
      { role: "customer", title: "Themself", group: "partner" },
      { role: "partner_carrier", title: "", group: "partner" },
    ],
    partners: [{ client: "parcelline", role: "partner_carrier", title: "Carries" }],
  });
  expect(all.map((one) => [one.label, one.as("C1")])).toEqual([
    ["Account manager", { role: "account_manager" }],
    ["The customer", { role: "customer", customer: "C1" }],
    ["parcelline", { role: "partner_carrier", client: "parcelline" }],
  ]);
});

test("consent is kept by the CRM and the marketing system, under every key they have of somebody", () => {
  const identities = [
    { system: "siebel.contact", key: "1-A" },
    { system: "siebel.contact", key: "1-B" },
    { system: "siebel.account", key: "1-C" },
    { system: "hubspot.contact", key: "7" },
  ];
  expect(keysOf({ data: { customer: { identities } } })).toEqual({ siebel: ["1-A", "1-B"], hubspot: ["7"] });
  expect(keysOf({ data: { customer: null } })).toEqual({});
});

test("who is withheld from marketers has not agreed", () => {
  const gap = {
    path: "customer.name",
    coordinate: "Customer.name",
    reason: "WITHHELD" as const,
    rows: "ALL" as const,
  };
  expect(agreed({ data: { customer: { name: null } }, extensions: { absent: [gap] } })).toBe(false);
  expect(agreed({ data: { customer: { name: null } } })).toBe(true);
});
