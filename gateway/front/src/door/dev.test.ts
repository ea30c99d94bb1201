import { afterEach, expect, test, vi } from "vitest";
import { Dev, Refused } from "./dev";

afterEach(() => vi.unstubAllGlobals());

function answering(...answers: [number, unknown][]) {
  const fetched = vi.fn(async (_path: string, _request: RequestInit) => {
    const [status, body] = answers.shift() ?? [500, null];
    return new Response(typeof body === "string" ? body : JSON.stringify(body), { status });
  });
  vi.stubGlobal("fetch", fetched);
  return fetched;
}

test("a token is asked for once, as each persona, and again when it is about to end", async () => {
  const fetched = answering(
    [200, { token: "a", expiresIn: 3600 }],
    [200, { token: "b", expiresIn: 30 }],
    [200, { token: "c", expiresIn: 30 }],
  );
  const dev = new Dev("hush");
  expect(await dev.token({ role: "warehouse" })).toBe("a");
  expect(await dev.token({ role: "warehouse" })).toBe("a");
  expect(await dev.token({ role: "finance" })).toBe("b");
  expect(await dev.token({ role: "finance" })).toBe("c");
  expect(fetched.mock.calls[0]?.[1].headers).toMatchObject({ "X-Dev-Secret": "hush" });
});

test("what is refused is said in the gateway's words", async () => {
  answering([403, { errors: [{ message: "This door is closed." }] }], [502, "<html>"]);
  const dev = new Dev("wrong");
  await expect(dev.get("/dev/sources")).rejects.toThrow("This door is closed.");
  await expect(dev.post("/dev/token", {})).rejects.toMatchObject({
    status: 502,
    message: "The gateway answered 502.",
  });
});

test("a gateway that is gone is told as such", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("failed")));
  await expect(new Dev("x").get("/dev/sources")).rejects.toEqual(
    new Refused("The gateway does not answer.", 0),
  );
});
