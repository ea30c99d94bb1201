/**
 * What the gateway told beside its last answers. Kept by the text that is shown, so that marks and panels are those of
 * the answer one looks at, whichever tab it is in.
 */

import { type Store, store } from "../shared/store";
import type { Told } from "./wire";

const MOST = 40;
const known = new Map<string, Told>();

export const shown: Store<Told | null> = store<Told | null>(null);

/** What is shown of an answer: as any client gets it, without what this page asked for on top (`X-Include`). */
export function split(answer: Record<string, unknown>): { visible: Record<string, unknown>; told: Told } {
  const { extensions, ...visible } = answer;
  const { absent, sources, plan, policy, cost, ...others } = (extensions ?? {}) as Partial<Told>;
  const left = absent?.length ? { absent, ...others } : others;
  const told = {
    absent: absent ?? [],
    sources: sources ?? [],
    plan: plan ?? [],
    policy: policy ?? [],
    cost: cost ?? null,
  };
  return { visible: Object.keys(left).length ? { ...visible, extensions: left } : visible, told };
}

export function remember(text: string, told: Told): void {
  known.delete(text);
  known.set(text, told);
  const oldest = known.keys().next();
  if (known.size > MOST && !oldest.done) known.delete(oldest.value);
}

/** The answer that stands in the result pane from now on. */
export function show(text: string): Told | null {
  const told = known.get(text) ?? null;
  shown.set(told);
  return told;
}

export function forgetAll(): void {
  known.clear();
  shown.set(null);
}
