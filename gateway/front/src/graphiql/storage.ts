/**
 * Where GraphiQL keeps tabs, history and settings: this browser, but for headers. Those may hold a token, and are left
 * out of whatever is kept.
 */

type Kept = Pick<Storage, "getItem" | "setItem" | "removeItem" | "clear" | "length">;

function withoutHeaders(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutHeaders);
  if (typeof value !== "object" || value === null) return value;
  const left = Object.entries(value).filter(([name]) => name !== "headers");
  return Object.fromEntries(left.map(([name, one]) => [name, withoutHeaders(one)]));
}

export function keptWithoutHeaders(beneath: Storage): Kept {
  return {
    get length() {
      return beneath.length;
    },
    getItem: (name) => beneath.getItem(name),
    removeItem: (name) => beneath.removeItem(name),
    clear: () => beneath.clear(),
    setItem: (name, value) => {
      if (/:(headers|shouldPersistHeaders)$/.test(name)) return;
      beneath.setItem(name, stripped(value));
    },
  };
}

function stripped(value: string): string {
  try {
    const read: unknown = JSON.parse(value);
    return typeof read === "object" ? JSON.stringify(withoutHeaders(read)) : value;
  } catch {
    return value;
  }
}
