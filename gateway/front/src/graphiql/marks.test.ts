import { expect, test } from "vitest";
import { positions } from "./lines";
import { marks } from "./marks";
import type { Absent, Told } from "./wire";

const ANSWER = {
  data: {
    customers: {
      nodes: [
        { name: "A.", email: null, tags: [] },
        { name: null, email: "b@example.com", tags: ["x", null] },
      ],
    },
    "a.b": null,
  },
  errors: [{ message: "null", path: ["data"] }],
};
const TEXT = JSON.stringify(ANSWER, null, 2);

function told(...absent: Absent[]): Told {
  return { absent, sources: [], plan: [], policy: [], cost: null };
}

function marked(...absent: Absent[]): string[] {
  const lines = TEXT.split("\n");
  return marks(TEXT, told(...absent)).map(
    (mark) => `${lines[mark.line - 1]?.trim()} ${mark.kind}: ${mark.text}`,
  );
}

test("every position of the data is found on its line, and nothing outside it", () => {
  const lines = TEXT.split("\n");
  const found = positions(TEXT);
  expect(found.map((one) => one.path)).toContain("customers.nodes.1.tags.1");
  expect(found.find((one) => one.path === "customers.nodes.1.email")).toMatchObject({
    pattern: "customers.nodes.*.email",
    value: '"b@example.com"',
  });
  for (const one of found) expect(lines[one.line - 1]).toContain(one.value);
  expect(found.some((one) => one.path.includes("message"))).toBe(false);
});

const EMAIL = { path: "customers.nodes.*.email", coordinate: "Customer.email", rows: "ALL" } as const;

test("what is withheld is marked where it is null, and not where a value stands", () => {
  expect(marked({ ...EMAIL, reason: "WITHHELD", category: "contact" })).toEqual([
    '"email": null, withheld: withheld · contact',
  ]);
});

test("what is masked is marked where a value stands", () => {
  const name = { path: "customers.nodes.*.name", coordinate: "Customer.name", rows: "ALL" } as const;
  expect(marked({ ...name, reason: "MASKED", mask: "initial" })).toEqual([
    '"name": "A.", masked: masked · initial',
  ]);
});

test("where exact places are told, only those are marked", () => {
  const at = [["customers", "nodes", 1, "email"]];
  expect(marked({ ...EMAIL, rows: "SOME", reason: "UNAVAILABLE", system: "siebel", at })).toEqual([
    '"email": "b@example.com", unavailable: unavailable · siebel',
  ]);
});

test("a place that is old is marked with its age", () => {
  const old = { path: "customers", system: "siebel", mode: "STALE", ageMs: 240_000 } as const;
  const [mark] = marks(TEXT, { ...told(), sources: [old] });
  expect(mark).toMatchObject({ kind: "stale", text: "stale, 4 min old" });
});

test("the hint says who decided, and what it takes", () => {
  const needs = { category: "contact", purpose: "audit", relation: ["own-region"] };
  const [mark] = marks(
    TEXT,
    told({ ...EMAIL, reason: "WITHHELD", why: { rule: "no line allows it", needs } }),
  );
  expect(mark?.hint).toBe(
    "Customer.email is withheld from you: no line allows it; it takes the category contact for audit on rows that are own-region.",
  );
});
