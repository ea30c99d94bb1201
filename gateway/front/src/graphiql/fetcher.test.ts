import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fetcherFor } from "./fetcher";
import { type Asker, leave, session } from "./session";

const ASKER = { token: "t0ken", persona: null, purpose: "billing", about: {} } as unknown as Asker;
const QUESTION = { query: "{ viewer { role } }", operationName: "GoneWithTheTab" };

beforeEach(leave);
afterEach(() => vi.unstubAllGlobals());

function asked(reply: () => Promise<Response>): { answer: Promise<unknown>; bodies: string[] } {
  const bodies: string[] = [];
  vi.stubGlobal("fetch", (_path: string, init: RequestInit) => {
    bodies.push(String(init.body));
    return reply();
  });
  return { answer: Promise.resolve(fetcherFor(ASKER)(QUESTION, {})), bodies };
}

test("the name of an operation that is gone is not sent", async () => {
  const { answer, bodies } = asked(async () => new Response('{"data": {"viewer": {"role": "finance"}}}'));
  expect(await answer).toEqual({ data: { viewer: { role: "finance" } } });
  expect(JSON.parse(bodies[0] ?? "")).toEqual({ query: QUESTION.query });
});

test("a gateway that is gone is said to be, and not in the words of the browser", async () => {
  const { answer } = asked(() => Promise.reject(new TypeError("Failed to fetch")));
  expect(await answer).toEqual({ errors: [{ message: "The gateway does not answer." }] });
});

test("what is no answer of the graph is told with its status", async () => {
  const { answer } = asked(async () => new Response("<h1>Bad gateway</h1>", { status: 502 }));
  expect(await answer).toEqual({
    errors: [{ message: "The gateway answered 502, and nothing that can be read." }],
  });
});

test("who entered a token hears that it has run out", async () => {
  const { answer } = asked(async () => new Response('{"errors": [{"message": "No"}]}', { status: 401 }));
  expect(await answer).toEqual({ errors: [{ message: "No" }] });
  expect(session.get().problem).toContain("enter another one");
});
