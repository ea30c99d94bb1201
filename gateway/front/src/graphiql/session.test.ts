import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ask, become, begin, hold, leave, renewed, session } from "./session";

const ABOUT = {
  role: "warehouse",
  purpose: "fulfilment",
  purposes: ["fulfilment"],
  categories: [],
  examples: [],
};
const PERSONAS = { roles: [], partners: [], examples: [] };

/** A gateway, and what it was asked. */
function gateway(answers: Record<string, [number, unknown]>) {
  const asked: { path: string; headers: Record<string, string>; body: string }[] = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    asked.push({ path, headers: init.headers as Record<string, string>, body: String(init.body ?? "") });
    const [status, body] = answers[path] ?? [404, { errors: [{ message: "Nothing here" }] }];
    return new Response(JSON.stringify(body), { status });
  });
  return asked;
}

beforeEach(() => {
  sessionStorage.clear();
  leave();
  document.documentElement.dataset.mode = "dev";
  history.replaceState(null, "", "/graphiql#dev=s3cret");
});
afterEach(() => vi.unstubAllGlobals());

test("with the secret of the start one is somebody, and the token is kept nowhere", async () => {
  const asked = gateway({
    "dev/personas": [200, PERSONAS],
    "dev/token": [200, { token: "t0ken" }],
    "viewer.json": [200, ABOUT],
  });
  await begin({ role: "warehouse" });
  expect(session.get()).toMatchObject({ asker: { about: { role: "warehouse" } }, begun: true });
  expect(asked.find((one) => one.path === "dev/token")?.headers["X-Dev-Secret"]).toBe("s3cret");
  expect(asked.find((one) => one.path === "viewer.json")?.headers.Authorization).toBe("Bearer t0ken");
  expect(JSON.stringify({ ...sessionStorage, ...localStorage })).not.toContain("t0ken");
  expect(location.href).not.toMatch(/s3cret|t0ken/);
});

test("somebody else is asked as at once, for their own purpose, and a new token can be had", async () => {
  const asked = gateway({
    "dev/personas": [200, PERSONAS],
    "dev/token": [200, { token: "t0ken" }],
    "viewer.json": [200, ABOUT],
  });
  await begin(null);
  await become({ role: "account_manager", keys: { "own-region": ["EMEA"] } });
  expect(asked.at(-2)?.body).toBe('{"role":"account_manager","keys":{"own-region":["EMEA"]}}');
  await ask("analytics");
  expect(asked.at(-1)?.headers["X-Purpose"]).toBe("analytics");
  expect(await renewed()).toBe("t0ken");
});

test("a secret of another start is said to be one, and forgotten", async () => {
  gateway({ "dev/personas": [403, { errors: [{ message: "This door is closed" }] }] });
  await begin(null);
  expect(session.get()).toMatchObject({ asker: null, problem: "This door is closed" });
  expect(sessionStorage.length).toBe(0);
});

test("a token that is entered is kept in this tab alone, and goes when one leaves", async () => {
  gateway({ "viewer.json": [200, ABOUT] });
  await hold("t0ken");
  expect(session.get().asker?.persona).toBeNull();
  expect(JSON.stringify({ ...localStorage })).not.toContain("t0ken");
  expect(await renewed()).toBeNull();
  leave();
  expect([session.get().asker, sessionStorage.length]).toEqual([null, 0]);
});

test("a token that is refused is not kept", async () => {
  gateway({ "viewer.json": [401, { errors: [{ message: "A token is needed." }] }] });
  await hold("bad");
  expect(session.get()).toMatchObject({
    asker: null,
    problem: expect.stringContaining("not accepted"),
    busy: false,
  });
  expect(sessionStorage.length).toBe(0);
});
