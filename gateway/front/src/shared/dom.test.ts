import { expect, test } from "vitest";
import { byId } from "./dom";

test("an element that is not there is a mistake of ours, and named", () => {
  document.body.innerHTML = '<div id="there"></div>';
  expect(byId("there").id).toBe("there");
  expect(() => byId("elsewhere")).toThrow("#elsewhere");
});
