import { beforeEach, expect, test } from "vitest";
import { forget, fragment, secret } from "./secret";

beforeEach(() => {
  sessionStorage.clear();
  history.replaceState(null, "", "/graphiql");
});

test("the secret is taken off the address at once and kept for this tab", () => {
  history.replaceState(null, "", "/graphiql?a=1#dev=s3cret&q=abc");
  expect(secret()).toBe("s3cret");
  expect(location.href).not.toContain("s3cret");
  expect(location.search).toBe("?a=1");
  expect(fragment().get("q")).toBe("abc");
  expect(secret()).toBe("s3cret");
});

test("without one there is none, and one that is forgotten is gone", () => {
  expect(secret()).toBeNull();
  location.hash = "#dev=x";
  expect(secret()).toBe("x");
  forget();
  expect(secret()).toBeNull();
});
