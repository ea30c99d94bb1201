import { expect, test } from "vitest";
import { differences } from "./panels";
import { card } from "./person";
import { LINES } from "./questions";
import { el, mark } from "./view";

const HOSTILE = '<img src=x onerror="alert(1)">';

test("a text stays a text, whatever it says", () => {
  const made = el("p", { title: HOSTILE }, HOSTILE);
  expect(made.children).toHaveLength(0);
  expect(made.textContent).toBe(HOSTILE);
});

test("a person whose every word is markup is shown as written", () => {
  const answer = {
    data: {
      customer: {
        name: HOSTILE,
        tier: HOSTILE,
        email: HOSTILE,
        identities: [{ system: HOSTILE, key: HOSTILE }],
        nextBestActions: [{ title: HOSTILE }],
        orders: {
          nodes: [
            {
              number: HOSTILE,
              status: HOSTILE,
              lines: [{ quantity: HOSTILE, product: { name: HOSTILE } }],
              holds: [{ name: HOSTILE }],
              orderToCash: { stage: HOSTILE, daysInStage: 1, blockedBy: [{ reason: HOSTILE }, null] },
              shipments: [{ carrier: HOSTILE, status: HOSTILE }],
            },
          ],
        },
        tickets: { nodes: [{ subject: HOSTILE, status: HOSTILE }] },
        touches: { nodes: [{ kind: HOSTILE, at: HOSTILE, campaign: { name: HOSTILE } }] },
        suggestions: { nodes: [{ title: HOSTILE, votes: 1 }] },
      },
    },
  };
  const side = { title: HOSTILE, answer, asked: [] };
  for (const made of [card(answer), differences(LINES, side, side)]) {
    expect(made.querySelector("img, script")).toBeNull();
    expect(made.textContent).toContain(HOSTILE);
  }
});

test("a gap has words, and its sign is for eyes alone", () => {
  const made = mark({ path: "x", coordinate: "X.y", reason: "WITHHELD", rows: "ALL", category: "contact" });
  expect(made.querySelector("[aria-hidden=true]")?.textContent).toBe("⊘");
  expect(made.textContent).toContain("withheld: contact");
});

test("a list that is there and empty is no gap", () => {
  const made = card({ data: { customer: { name: "Ada", tickets: { nodes: [] } } } });
  expect(made.querySelector(".gap")).toBeNull();
  expect(made.textContent).toContain("none on record");
});
