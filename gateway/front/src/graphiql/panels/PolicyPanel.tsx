import type { Decided, Decision } from "../wire";
import { DECISIONS, needsWords } from "../words";

const ORDER: Decision[] = ["WITHHELD", "MASKED", "CONDITIONAL", "SEEN"];

/** Of each coordinate of the question: what is shown of it, and by which line of the policy. */
export function PolicyPanel({ decided }: { decided: Decided[] }) {
  if (decided.length === 0) return <p className="none">Nothing was decided about this question.</p>;
  const sorted = [...decided].sort((a, b) => ORDER.indexOf(a.decision) - ORDER.indexOf(b.decision));
  return (
    <table className="facts">
      <thead>
        <tr>
          <th scope="col">Coordinate</th>
          <th scope="col">You see it</th>
          <th scope="col">Category</th>
          <th scope="col">Because</th>
        </tr>
      </thead>
      <tbody>
        {sorted.map((one) => (
          <tr key={`${one.coordinate} ${one.category}`}>
            <td>
              <code>{one.coordinate}</code>
            </td>
            <td>
              <span className={`chip chip-${one.decision.toLowerCase()}`}>{DECISIONS[one.decision]}</span>
              {one.mask && <span className="small"> {one.mask}</span>}
            </td>
            <td>{one.category}</td>
            <td>
              {one.rule}
              {one.needs && one.decision !== "SEEN" && (
                <span className="small">; it takes {needsWords(one.needs)}</span>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
