/** What is kept, shared and shown: never a token. */

import { beforeEach, expect, test } from "vitest";
import { forgetAll, remember, show, shown, split } from "./answers";
import { link, shared } from "./share";
import { keptWithoutHeaders } from "./storage";

beforeEach(() => {
  localStorage.clear();
  forgetAll();
  history.replaceState(null, "", "/graphiql");
});

test("a link holds the question and for whom, and comes back as it went", () => {
  const who = { role: "customer", client: null, purpose: "service", customer: "Q3VzdG9tZXI6MQ", name: "Ada" };
  const url = link("http://here/graphiql#dev=secret", "{ a }", '{"x": 1}', who);
  expect(url).not.toMatch(/secret|Q3Vz|Ada/);
  history.replaceState(null, "", new URL(url).pathname + new URL(url).hash);
  expect(shared()).toEqual({
    query: "{ a }",
    variables: '{"x": 1}',
    persona: { role: "customer", client: null, purpose: "service" },
  });
  expect(location.hash).toBe("");
});

test("headers are left out of whatever GraphiQL keeps", () => {
  const storage = keptWithoutHeaders(localStorage);
  const tab = { query: "{ a }", headers: '{"Authorization": "Bearer t0ken"}' };
  storage.setItem("graphiql:tabState", JSON.stringify({ tabs: [tab], activeTabIndex: 0 }));
  storage.setItem("graphiql:queries", JSON.stringify({ queries: [tab] }));
  storage.setItem("graphiql:headers", tab.headers);
  storage.setItem("graphiql:query", "{ a }");
  expect(JSON.stringify({ ...localStorage })).not.toContain("t0ken");
  expect(JSON.parse(storage.getItem("graphiql:tabState") ?? "").tabs[0].query).toBe("{ a }");
  expect(storage.getItem("graphiql:query")).toBe("{ a }");
});

test("an answer is shown as any client gets it, and the rest is told beside it", () => {
  const absent = [{ path: "a", coordinate: "Query.a", reason: "WITHHELD", rows: "ALL" }];
  const extensions = {
    absent,
    plan: [{ id: 1 }],
    policy: [],
    sources: [],
    cost: { estimated: 1, actual: 1 },
  };
  const { visible, told } = split({ data: { a: null }, extensions });
  expect(visible).toEqual({ data: { a: null }, extensions: { absent } });
  expect(told.plan).toHaveLength(1);
  expect(split({ data: {} }).visible).toEqual({ data: {} });
});

test("what is told follows the answer one looks at", () => {
  const [one, other] = ["one", "other"].map((text) => {
    const told = {
      absent: [],
      sources: [],
      plan: [],
      policy: [],
      cost: { estimated: text.length, actual: 0 },
    };
    remember(text, told);
    return told;
  });
  show("one");
  expect(shown.get()).toBe(one);
  show("other");
  expect(shown.get()).toBe(other);
  show("an error of GraphiQL's own");
  expect(shown.get()).toBeNull();
});
