import { useSyncExternalStore } from "react";
import type { Store } from "./store";

/** The value of a store, in a component that is drawn anew when it changes. */
export function useStore<T>(of: Store<T>): T {
  return useSyncExternalStore(of.follow, of.get);
}
