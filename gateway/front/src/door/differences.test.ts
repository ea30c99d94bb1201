import { expect, test } from "vitest";
import type { Answer } from "./answer";
import { type Asked, compared, taken } from "./differences";

function answer(
  customer: unknown,
  ...absent: { path: string; reason: "WITHHELD" | "MASKED"; category: string }[]
): Answer {
  return {
    data: { customer },
    extensions: { absent: absent.map((one) => ({ ...one, coordinate: "X.y", rows: "ALL" as const })) },
  };
}

const LINES = [
  { label: "Name", path: "customer.name" },
  { label: "Orders", path: "customer.orders.*.number" },
  { label: "Notes", path: "customer.notes" },
];

test("what one sees and the other does not differs, and the rest is the same", () => {
  const agent = answer({ name: "Ada", orders: [{ number: "1" }, { number: "2" }], notes: null });
  const warehouse = answer(
    { name: null, orders: [{ number: "1" }, { number: "2" }], notes: null },
    { path: "customer.name", reason: "WITHHELD", category: "identity" },
  );
  const rows = compared(LINES, agent, warehouse);
  expect(rows.map((row) => [row.label, row.same])).toEqual([
    ["Name", false],
    ["Orders", true],
  ]);
  expect(rows[0]?.right).toMatchObject({ texts: [], gap: { category: "identity" } });
  expect(rows[1]?.left.texts).toEqual(["1", "2"]);
});

test("what neither sees is the same to both, whatever withholds it", () => {
  const [agent, marketer] = ["supply", "logistics"].map((category) =>
    answer({ name: null }, { path: "customer.name", reason: "WITHHELD", category }),
  ) as [Answer, Answer];
  expect(compared(LINES, agent, marketer).map((row) => row.same)).toEqual([true]);
});

test("what is down for both is the same to both, and not what one need not know besides", () => {
  const down = (system: string) => ({
    path: "customer.name",
    coordinate: "X.y",
    reason: "UNAVAILABLE" as const,
    rows: "ALL" as const,
    system,
  });
  const told = (system: string): Answer => ({
    data: { customer: { name: null } },
    extensions: { absent: [down(system)] },
  });
  const other = answer({ name: null }, { path: "customer.name", reason: "WITHHELD", category: "identity" });
  expect(compared(LINES, told("siebel"), told("system-1")).map((row) => row.same)).toEqual([true]);
  expect(compared(LINES, told("siebel"), other).map((row) => row.same)).toEqual([false]);
});

test("a mask is a difference though there is a value, and two equal gaps are none", () => {
  const plain = answer(
    { name: "Ada", notes: null },
    { path: "customer.notes", reason: "WITHHELD", category: "internal" },
  );
  const masked = answer(
    { name: "A.", notes: null },
    { path: "customer.name", reason: "MASKED", category: "identity" },
    { path: "customer.notes", reason: "WITHHELD", category: "internal" },
  );
  expect(compared(LINES, plain, masked).map((row) => row.same)).toEqual([false, true]);
});

test("a refused question has nothing on any line", () => {
  const rows = compared(LINES, answer({ name: "Ada" }), { errors: [{ message: "no" }] });
  expect(rows).toMatchObject([{ label: "Name", same: false, right: { texts: [] } }]);
});

function asked(system: string, operation: string | null, ...columns: string[]): Asked {
  return { system, operation, columns, method: "GET", path: "/" };
}

test("columns are compared system by system, logins left out", () => {
  const agent = [
    asked("siebel", "Contact.query", "Id", "Email Address"),
    asked("siebel", "Account.query", "Name"),
  ];
  const warehouse = [
    asked("siebel", "Contact.query", "Id"),
    asked("sap", "materials", "Product"),
    asked("remedy", null),
  ];
  expect(taken(agent, warehouse)).toEqual([
    { system: "sap", left: null, right: ["Product"], spared: [] },
    {
      system: "siebel",
      left: ["Email Address", "Id", "Name"],
      right: ["Id"],
      spared: ["Email Address", "Name"],
    },
  ]);
});
