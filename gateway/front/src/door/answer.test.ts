import { expect, test } from "vitest";
import { type Answer, at, places } from "./answer";

const ANSWER: Answer = {
  data: {
    customer: {
      name: "Ada",
      email: "•••@example.com",
      tier: null,
      balance: null,
      orders: {
        nodes: [
          { number: "1", total: null },
          { number: "2", total: { amount: "3" } },
        ],
      },
      tickets: { nodes: [] },
    },
  },
  extensions: {
    absent: [
      {
        path: "customer.balance",
        coordinate: "Customer.balance",
        reason: "WITHHELD",
        rows: "ALL",
        category: "financial",
      },
      {
        path: "customer.email",
        coordinate: "Customer.email",
        reason: "MASKED",
        rows: "ALL",
        category: "contact",
      },
      {
        path: "customer.orders.nodes.*.total",
        coordinate: "Order.total",
        reason: "WITHHELD",
        rows: "SOME",
        at: [["customer", "orders", "nodes", 0, "total"]],
      },
    ],
  },
};

test("a value is what stands there, and a null without an entry is really none", () => {
  expect(at(ANSWER, ["customer", "name"])).toEqual({ value: "Ada" });
  expect(at(ANSWER, ["customer", "tier"])).toEqual({ value: null });
});

test("the gap of what is missing is the gap of all that hangs on it", () => {
  expect(at(ANSWER, ["customer", "balance"]).gap?.category).toBe("financial");
  expect(at(ANSWER, ["customer", "balance", "open"]).gap?.category).toBe("financial");
});

test("a masked value has both", () => {
  expect(at(ANSWER, ["customer", "email"])).toMatchObject({
    value: "•••@example.com",
    gap: { reason: "MASKED" },
  });
});

test("of some rows, only those that are listed have a gap", () => {
  expect(at(ANSWER, ["customer", "orders", "nodes", 0, "total", "amount"]).gap?.reason).toBe("WITHHELD");
  expect(at(ANSWER, ["customer", "orders", "nodes", 1, "total", "amount"])).toEqual({ value: "3" });
});

test("a pattern means every row, none of an empty list, and the list itself where it is missing", () => {
  expect(places(ANSWER, ["customer", "orders", "nodes", "*", "number"])).toHaveLength(2);
  expect(places(ANSWER, ["customer", "tickets", "nodes", "*", "number"])).toEqual([]);
  expect(places(ANSWER, ["customer", "balance", "*", "x"])).toEqual([["customer", "balance", "x"]]);
});

test("an answer without data has its gap at the top", () => {
  const nothing: Answer = {
    data: null,
    extensions: {
      absent: [
        { path: "", coordinate: "Query.customer", reason: "UNAVAILABLE", rows: "ALL", system: "siebel" },
      ],
    },
  };
  expect(at(nothing, ["customer", "name"]).gap?.system).toBe("siebel");
  expect(at({ errors: [{ message: "refused" }] }, ["customer"])).toEqual({ value: null });
});
