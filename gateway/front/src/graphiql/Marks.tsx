/** Marks lines of the answer that are not what they seem, and keeps the editors in our type. */

import { useGraphiQL } from "@graphiql/react";
import { useEffect } from "react";
import { forgetAll, show } from "./answers";
import { marks } from "./marks";
import type { Asker } from "./session";

const FONT = 'ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace';

export function Marks({ asker }: { asker: Asker }) {
  const response = useGraphiQL((state) => state.responseEditor);
  const query = useGraphiQL((state) => state.queryEditor);
  const variables = useGraphiQL((state) => state.variableEditor);
  const headers = useGraphiQL((state) => state.headerEditor);

  useEffect(() => {
    for (const editor of [response, query, variables, headers])
      editor?.updateOptions({
        fontFamily: FONT,
        fontSize: 13,
        lineHeight: 20,
        wordWrap: "on",
        wordBasedSuggestions: "off",
      });
  }, [response, query, variables, headers]);

  useEffect(() => {
    if (!response) return;
    const drawn = response.createDecorationsCollection([]);
    const draw = () => {
      const text = response.getValue();
      const told = show(text);
      drawn.set(told ? marks(text, told).map((mark) => decoration(mark, response.getModel())) : []);
    };
    draw();
    const following = response.onDidChangeModelContent(draw);
    return () => {
      following.dispose();
      drawn.clear();
    };
  }, [response]);

  // What somebody else was answered is not left standing.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the change of asker that counts
  useEffect(() => {
    forgetAll();
    response?.setValue("");
  }, [asker]);

  return null;
}

type Model = { getLineMaxColumn(line: number): number } | null;

function decoration(mark: ReturnType<typeof marks>[number], model: Model) {
  const end = model?.getLineMaxColumn(mark.line) ?? 1;
  return {
    range: { startLineNumber: mark.line, startColumn: 1, endLineNumber: mark.line, endColumn: end },
    options: {
      isWholeLine: true,
      className: `mark-line mark-line-${mark.kind}`,
      hoverMessage: { value: escaped(mark.hint) },
      after: { content: `  ${mark.text} `, inlineClassName: `mark mark-${mark.kind}`, cursorStops: 3 },
    },
  };
}

/** Hovers are Markdown, what we say is not. */
function escaped(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!<>|~]/g, "\\$&");
}
