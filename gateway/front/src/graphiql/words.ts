/** What the page says of reasons, ages and rules. Only words: whoever shows them shows them as text. */

import type { Absent, Category, Decision, Needs } from "./wire";

const CAUSES: Record<string, string> = {
  BACKEND_UNAVAILABLE: "cannot be reached",
  BACKEND_TIMEOUT: "did not answer in its time",
  BACKEND_THROTTLED: "asks to come back later",
  BACKEND_REFUSED: "said no",
  BACKEND_GARBLED: "gave an answer that cannot be understood",
  SATURATED: "has too much to do",
  DEADLINE: "was not done before the time was over",
};

export const DECISIONS: Record<Decision, string> = {
  SEEN: "seen",
  MASKED: "in part",
  WITHHELD: "withheld",
  CONDITIONAL: "on some rows",
};

export function reasonWords(gap: Absent): { text: string; hint: string } {
  const some = gap.rows === "SOME" ? " on some rows" : "";
  switch (gap.reason) {
    case "WITHHELD":
      return {
        text: `withheld${gap.category ? ` · ${gap.category}` : ""}`,
        hint: `${gap.coordinate} is withheld from you${some}: ${because(gap)}`,
      };
    case "MASKED":
      return {
        text: `masked${gap.mask ? ` · ${gap.mask}` : ""}`,
        hint: `You are shown a part of ${gap.coordinate}${some}: ${because(gap)}`,
      };
    case "STALE_SUPPRESSED":
      return {
        text: "too old to show",
        hint: `Of ${gap.coordinate} only an old value is known, older than it may be shown.`,
      };
    case "NOT_LOADED":
      return {
        text: "not asked",
        hint: `${gap.coordinate} was not asked for${some}: no time or no place was left.`,
      };
    case "AMBIGUOUS":
      return { text: "several fit", hint: `Several rows fit ${gap.coordinate}, which holds one.` };
    case "UNAVAILABLE":
      return {
        text: `unavailable${gap.system ? ` · ${gap.system}` : ""}`,
        hint: `${gap.coordinate}: ${gap.system ?? "a system"} ${CAUSES[gap.code ?? ""] ?? "failed"}${some}.${retry(gap)}`,
      };
  }
}

function because(gap: Absent): string {
  const { why } = gap;
  if (why?.rule) return `${why.rule}${why.needs ? `; it takes ${needsWords(why.needs)}` : ""}.`;
  const category = gap.category
    ? `it needs the category ${gap.category}`
    : "it is not among what you need to know";
  return why?.ref ? `${category}; reference ${why.ref}.` : `${category}.`;
}

function retry(gap: Absent): string {
  if (!gap.retryable) return " Asking again will not help.";
  return gap.retryAfterMs ? ` Ask again in ${age(gap.retryAfterMs)}.` : " Ask again in a moment.";
}

export function needsWords(needs: Needs): string {
  const parts = [`the category ${needs.category}`];
  if (needs.purpose) parts.push(`for ${needs.purpose}`);
  if (needs.relation?.length) parts.push(`on rows that are ${needs.relation.join(" or ")}`);
  if (needs.consent) parts.push("and the customer’s consent");
  return parts.join(" ");
}

/** How somebody who does not see a category can go about it. */
export function howToAsk(category: Category, coordinate: string, reference: string | undefined): string {
  if (reference)
    return `Quote reference ${reference} to whoever keeps the policy: customer360 policy reason ${reference}.`;
  if (category.requestable === false)
    return "No request opens it: it depends on how a row relates to you, as the systems have it.";
  return `Ask whoever keeps the policy for ${category.name}; customer360 who-sees ${coordinate} says who has it.`;
}

export function age(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return "unknown";
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return ms < 172_800_000 ? `${Math.round(ms / 3_600_000)} h` : `${Math.round(ms / 86_400_000)} days`;
}

/** snake_case roles and dashes as people would say them. */
export function spoken(name: string): string {
  const words = name.replace(/[_-]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
