import { expect, test } from "vitest";
import { meant } from "./operation";

const TWO = "query A { viewer { role } } query B { viewer { role } }";

test("the one that is wanted is meant, where it is there", () => {
  expect(meant(TWO, "B")).toBe("B");
  expect(meant("{ viewer { role } }", null)).toBeUndefined();
});

test("a name that outlives its text stands for the only operation there is", () => {
  expect(meant("query B { viewer { role } }", "A")).toBe("B");
  expect(meant("{ viewer { role } }", "A")).toBeUndefined();
});

test("which of several is not guessed, and a text that is none is left to the gateway", () => {
  expect(meant(TWO, "C")).toBe("C");
  expect(meant("query {", "A")).toBe("A");
});
