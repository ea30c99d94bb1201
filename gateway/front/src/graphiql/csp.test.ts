import { expect, test } from "vitest";
import { renamed } from "./csp";

test("style attributes get another name, and nothing else that is called style does", () => {
  expect(renamed('<div style="top:1px"><b class="style" Style = \'x\'>')).toBe(
    '<div data-adopted-style="top:1px"><b class="style" data-adopted-style = \'x\'>',
  );
  expect(renamed('<i title=" style=1 > style=2">a style="b"</i>')).toBe(
    '<i title=" style=1 > style=2">a style="b"</i>',
  );
  expect(renamed("1 &lt; 2 style=3")).toBe("1 &lt; 2 style=3");
});
