import { expect, test } from "vitest";
import { annotated, groups, held, lockOf } from "./locks";
import type { About, Category } from "./wire";
import { howToAsk } from "./words";

const category = (name: string, decision: Category["decision"], more: Partial<Category> = {}): Category => ({
  name,
  why: `Needed for ${name}.`,
  decision,
  sentence: decision === "SEEN" ? "sees it, on every row" : "does not see it",
  ...more,
});

const ABOUT: About = {
  subject: "dev",
  role: "warehouse",
  title: "Moves goods.",
  client: null,
  customer: null,
  purpose: "fulfilment",
  purposes: ["fulfilment"],
  refused: false,
  informed: false,
  categories: [
    category("logistics", "SEEN"),
    category("contact", "WITHHELD"),
    category("identity", "CONDITIONAL", { sentence: "sees it, on rows that are own" }),
  ],
  coordinates: {
    "Customer.email": "contact",
    "Customer.name": "identity",
    "Order.status": "logistics",
    "Query.orders(filter:)": "contact",
  },
  references: { "Customer.email": "ab12cd34ef" },
  examples: [],
};

test("locked categories come first, with what belongs to them", () => {
  const all = groups(ABOUT, "ALL", "").map((group) => group.category.name);
  expect(all).toEqual(["contact", "identity", "logistics"]);
  expect(groups(ABOUT, "WITHHELD", "")[0]?.coordinates).toEqual(["Customer.email", "Query.orders(filter:)"]);
});

test("one finds by field and by category", () => {
  expect(groups(ABOUT, "ALL", "customer.E").map((group) => group.coordinates)).toEqual([["Customer.email"]]);
  expect(groups(ABOUT, "ALL", "contact")[0]?.coordinates).toHaveLength(2);
  expect(groups(ABOUT, "ALL", "nothing of it")).toEqual([]);
});

test("held is what shows anything at all", () => expect(held(ABOUT)).toEqual({ seen: 2, all: 3 }));

test("the schema one reads says what is locked, and says nothing of what is not", () => {
  const field = (name: string) => ({ name, description: "About it.", args: [] as { name: string }[] });
  const types = [
    { name: "Customer", fields: [field("email"), field("name"), field("id")] },
    { name: "Order", fields: [field("status")] },
    { name: "Query", fields: [{ ...field("orders"), args: [{ name: "filter" }] }] },
  ];
  annotated({ data: { __schema: { types } } }, ABOUT);
  const said = JSON.parse(JSON.stringify(types));
  expect(said[0].fields[0].description).toBe(
    "About it.\n\n**🔒 Withheld from you** · `contact` · Needed for contact.",
  );
  expect(said[0].fields[1].description).toContain(
    "on some rows** · `identity` · sees it, on rows that are own",
  );
  expect([said[0].fields[2].description, said[1].fields[0].description]).toEqual(["About it.", "About it."]);
  expect(said[2].fields[0].args[0].description).toContain("Withheld");
});

test("who misses something is told how to ask for it", () => {
  const lock = lockOf(ABOUT, "Customer.email");
  expect(lock && howToAsk(lock.category, lock.coordinate, lock.reference)).toContain(
    "policy reason ab12cd34ef",
  );
  expect(howToAsk(category("own", "WITHHELD", { requestable: false }), "A.b", undefined)).toContain(
    "No request",
  );
  expect(howToAsk(category("own", "WITHHELD"), "A.b", undefined)).toContain("who-sees A.b");
});
