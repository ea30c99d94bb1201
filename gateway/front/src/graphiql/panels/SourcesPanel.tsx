import type { Source } from "../wire";
import { age } from "../words";

const MODES: Record<Source["mode"], string> = {
  LIVE: "asked just now",
  CACHED: "known from a moment ago",
  STALE: "old: its system fails, or is being asked",
  FALLBACK: "from elsewhere: its system fails",
  DERIVED: "worked out here",
};

/** Of each place in the answer: which system it comes from, and how old it is. `named`: whether systems are. */
export function SourcesPanel({ sources, named }: { sources: Source[]; named: boolean }) {
  if (sources.length === 0) return <p className="none">Nothing in this answer comes from a system.</p>;
  return (
    <>
      <Places sources={sources} />
      {!named && (
        <p className="none">
          Each system goes by a label of its own: their names are for roles that hold <code>operations</code>.
        </p>
      )}
    </>
  );
}

function Places({ sources }: { sources: Source[] }) {
  return (
    <table className="facts">
      <thead>
        <tr>
          <th scope="col">In the answer</th>
          <th scope="col">System</th>
          <th scope="col">How</th>
          <th scope="col" className="number">
            Age
          </th>
        </tr>
      </thead>
      <tbody>
        {sources.map((one) => (
          <tr key={`${one.path} ${one.system} ${one.mode}`}>
            <td>
              <code>{one.path}</code>
            </td>
            <td className="system">{one.system}</td>
            <td>
              <span className={`chip chip-${one.mode.toLowerCase()}`} title={MODES[one.mode]}>
                {one.mode.toLowerCase()}
              </span>
            </td>
            <td className="number">{one.mode === "DERIVED" ? "" : age(one.ageMs)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
