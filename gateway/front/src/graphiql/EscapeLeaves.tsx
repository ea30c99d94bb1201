/** In an editor Tab types. Escape leaves it for its frame, from which Tab goes on, and Enter back in. */

import { KeyCode, useGraphiQL } from "@graphiql/react";
import { useEffect } from "react";

const NAMES = ["Question", "Variables", "Headers"];

/** What Escape closes or undoes before: only then it leaves. */
const NOTHING_OPEN = [
  "suggestWidgetVisible",
  "findWidgetVisible",
  "markersNavigationVisible",
  "editorHasSelection",
  "editorHasMultipleSelections",
]
  .map((one) => `!${one}`)
  .join(" && ");

export function EscapeLeaves() {
  const query = useGraphiQL((state) => state.queryEditor);
  const variables = useGraphiQL((state) => state.variableEditor);
  const headers = useGraphiQL((state) => state.headerEditor);
  useEffect(() => {
    const given = [query, variables, headers].map((editor, place) => {
      const frame = editor?.getContainerDomNode();
      frame?.setAttribute("role", "group");
      frame?.setAttribute("aria-label", `${NAMES[place]}: Enter to type, Escape to leave`);
      return editor?.addAction({
        id: "customer360.leave",
        label: "Leave the Editor (Tab Then Goes On)",
        keybindings: [KeyCode.Escape],
        precondition: NOTHING_OPEN,
        run: () => frame?.focus(),
      });
    });
    return () => {
      for (const one of given) one?.dispose();
    };
  }, [query, variables, headers]);
  return null;
}
