/** GraphiQL looks once whether it is day or night on this machine; editors that are open follow it here. */

import { useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { useEffect } from "react";

export function SystemTheme() {
  const chosen = useGraphiQL((state) => state.theme);
  const { setTheme } = useGraphiQLActions();
  useEffect(() => {
    if (chosen) return;
    const night = matchMedia("(prefers-color-scheme: dark)");
    const follow = () => setTheme(null);
    night.addEventListener("change", follow);
    return () => night.removeEventListener("change", follow);
  }, [chosen, setTheme]);
  return null;
}
