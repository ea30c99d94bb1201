/** Where in the text of an answer each of its positions stands. The text is JSON, two spaces an indent. */

export interface Position {
  line: number;
  /** Response keys and list positions below `data`, joined by dots. */
  path: string;
  /** The same with `*` for a list position, as `extensions` has it. */
  pattern: string;
  value: string;
}

interface Frame {
  list: boolean;
  next: number;
}

const MEMBER = /^"((?:[^"\\]|\\.)*)": (.*)$/;

export function positions(text: string): Position[] {
  const found: Position[] = [];
  const frames: Frame[] = [];
  const path: string[] = [];
  const pattern: string[] = [];
  text.split("\n").forEach((raw, index) => {
    const said = raw.trim().replace(/,$/, "");
    if (said === "}" || said === "]") {
      frames.pop();
      path.pop();
      pattern.pop();
      return;
    }
    const member = MEMBER.exec(said);
    const inside = frames.at(-1);
    const value = member ? (member[2] ?? "") : said;
    const key = member ? (JSON.parse(`"${member[1]}"`) as string) : String(inside ? inside.next++ : "");
    path.push(key);
    pattern.push(inside?.list ? "*" : key);
    if (path[1] === "data" && path.length > 2)
      found.push({
        line: index + 1,
        path: path.slice(2).join("."),
        pattern: pattern.slice(2).join("."),
        value,
      });
    if (value === "{" || value === "[") frames.push({ list: value === "[", next: 0 });
    else {
      path.pop();
      pattern.pop();
    }
  });
  return found;
}
