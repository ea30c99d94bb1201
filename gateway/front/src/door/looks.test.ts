import { expect, test } from "vitest";
import { table } from "./looks";

const LOOK = { at: "2026-11-26T12:00:00+00:00", purpose: "service", themself: false, masked: [] as string[] };

test("a look says who, what for, and which kinds of data, in part or whole", () => {
  const nodes = [
    { ...LOOK, role: "support_agent", categories: ["contact", "identity"] },
    {
      ...LOOK,
      role: "marketer",
      purpose: "marketing",
      categories: ["contact", "identity"],
      masked: ["contact"],
    },
    { ...LOOK, role: "customer", themself: true, purpose: null, categories: ["presence"] },
  ];
  const made = table({ data: { accessLog: { nodes } } });
  const rows = [...made.querySelectorAll("tbody tr")].map((row) =>
    [...row.children].slice(1).map((cell) => cell.textContent),
  );
  expect(rows).toEqual([
    ["support agent", "service", "contact, identity"],
    ["marketer", "marketing", "contact (in part), identity"],
    ["the customer", "", "presence"],
  ]);
});

test("what may not be read says so, and nobody is nobody", () => {
  const absent = [
    {
      path: "accessLog",
      coordinate: "Query.accessLog",
      reason: "WITHHELD" as const,
      rows: "ALL" as const,
      category: "access",
    },
  ];
  expect(table({ data: { accessLog: null }, extensions: { absent } }).textContent).toContain(
    "withheld: access",
  );
  expect(table({ data: { accessLog: { nodes: [] } } }).textContent).toBe("Nobody yet.");
});
