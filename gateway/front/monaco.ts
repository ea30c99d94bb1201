import { readFile } from "node:fs/promises";
import type { Plugin } from "vite";

/** What editors of code have and editors of a question do without: a sixth of Monaco. */
const WITHOUT =
  /contrib\/links|contrib\/comment|diffEditor|anchorSelect|codelens|colorPicker|dropOrPasteInto|documentSymbols|inlineCompletions|inlineProgress|InlineCompletions|inlayHints|inPlaceReplace|inlineEdit|linkedEditing|parameterHints|rename\/|sectionHeaders|semanticTokens|stickyScroll|unicodeHighlighter|inspectTokens|iPadShowKeyboard|referenceSearch|GotoSymbol|toggleHighContrast|gotoSymbol/;
const LISTS = /monaco-editor\/esm\/vs\/editor\/(?:editor\.all|edcore\.main)\.js$/;

/** Leaves those features out of the lists in which Monaco names all it has. */
export function trimmed(): Plugin {
  return {
    name: "trimmed-monaco",
    async load(id) {
      if (!LISTS.test(id)) return null;
      const lines = (await readFile(id, "utf8")).split("\n");
      return lines.filter((line) => !(line.startsWith("import '") && WITHOUT.test(line))).join("\n");
    },
  };
}
