import type { Absent } from "../wire";
import { reasonWords } from "../words";

const NAMES: Record<Absent["reason"], string> = {
  WITHHELD: "withheld",
  MASKED: "masked",
  UNAVAILABLE: "unavailable",
  STALE_SUPPRESSED: "too old",
  NOT_LOADED: "not asked",
  AMBIGUOUS: "several fit",
};

/** Every null that has a cause, and everything of which a part is shown. */
export function GapsPanel({ gaps }: { gaps: Absent[] }) {
  if (gaps.length === 0)
    return <p className="none">Nothing is missing: every null in this answer is really empty.</p>;
  return (
    <ul className="rows">
      {gaps.map((gap) => (
        <li key={`${gap.path} ${gap.coordinate} ${gap.reason}`} className="row gap">
          <span className={`chip chip-${chip(gap)}`}>{NAMES[gap.reason]}</span>
          <div>
            <code>{gap.path || "the whole answer"}</code>
            <p>{reasonWords(gap).hint}</p>
          </div>
        </li>
      ))}
    </ul>
  );
}

function chip({ reason }: Absent): string {
  return reason === "WITHHELD" || reason === "MASKED" ? reason.toLowerCase() : "unavailable";
}
