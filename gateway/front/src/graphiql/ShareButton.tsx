import { ToolbarButton, useGraphiQL } from "@graphiql/react";
import { useState } from "react";
import { LinkIcon } from "./icons";
import { link } from "./share";
import type { Persona } from "./wire";

/** Puts a link to the question into the clipboard; in it are no token, no header, and no answer. */
export function ShareButton({ persona }: { persona: Persona | null }) {
  const [said, say] = useState("");
  const query = useGraphiQL((state) => state.queryEditor);
  const variables = useGraphiQL((state) => state.variableEditor);

  async function share() {
    const url = link(location.href, query?.getValue() ?? "", variables?.getValue() ?? "", persona);
    try {
      await navigator.clipboard.writeText(url);
      say("Link copied. It holds the question, and no token.");
    } catch {
      say(`Copy this link: ${url}`);
    }
    setTimeout(() => say(""), 6000);
  }

  return (
    <>
      <ToolbarButton label="Copy a link to this question" onClick={share} className="share-button">
        <span className="graphiql-toolbar-icon">
          <LinkIcon />
        </span>
      </ToolbarButton>
      <output className="toast" hidden={!said}>
        {said}
      </output>
    </>
  );
}
