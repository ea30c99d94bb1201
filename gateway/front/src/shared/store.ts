/** A value outside of React that anything may set, and that components follow (`useStore`). */

export interface Store<T> {
  get(): T;
  set(value: T): void;
  follow(changed: () => void): () => void;
}

export function store<T>(value: T): Store<T> {
  const followers = new Set<() => void>();
  return {
    get: () => value,
    set: (next) => {
      value = next;
      for (const changed of followers) changed();
    },
    follow: (changed) => {
      followers.add(changed);
      return () => followers.delete(changed);
    },
  };
}
