/**
 * The secret of this start: `customer360 demo` prints links that end in `#dev=SECRET`. Who has it can be anybody, so it
 * is taken off the address at once, and kept for this tab alone.
 */

const KEPT = "customer360.dev";

/** What stands behind the `#` of the address, by name. */
export function fragment(): URLSearchParams {
  return new URLSearchParams(location.hash.slice(1));
}

/** Take one word off the fragment, and leave the rest of the address as it is. */
export function taken(name: string): string | null {
  const words = fragment();
  const value = words.get(name);
  if (value !== null) {
    words.delete(name);
    const rest = words.toString();
    history.replaceState(history.state, "", location.pathname + location.search + (rest && `#${rest}`));
  }
  return value;
}

/** The secret, from the address or from earlier in this tab; null when nobody gave it. */
export function secret(): string | null {
  const given = taken("dev");
  if (given) keep(given);
  return sessionStorage.getItem(KEPT);
}

export function keep(given: string): void {
  sessionStorage.setItem(KEPT, given);
}

/** It is that of another start, and good for nothing here. */
export function forget(): void {
  sessionStorage.removeItem(KEPT);
}

/** Whether the gateway offers to be somebody else at all. */
export function dev(): boolean {
  return document.documentElement.dataset.mode === "dev";
}
