import type { Cost } from "../wire";

/** How much the answer could have come to, and how much it did. */
export function CostPanel({ cost }: { cost: Cost | null }) {
  if (!cost) return <p className="none">Nothing is told of what this answer cost.</p>;
  const figures: [string, number | undefined, string][] = [
    [
      "Expected",
      cost.estimated,
      "fields, before anything was asked; a list that names no size counts as one row",
    ],
    ["Came to", cost.actual, "fields in the answer, nulls too"],
    ["Budget", cost.budget, "fields that this caller may spend"],
    ["Left of it", cost.remaining, "fields"],
  ];
  const known = figures.filter(([, value]) => value !== undefined) as [string, number, string][];
  const most = Math.max(1, ...known.map(([, value]) => value));
  return (
    <dl className="figures">
      {known.map(([name, value, unit]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <b>{value.toLocaleString("en")}</b> {unit}
            <span className="track">
              <span className="span" style={{ left: 0, width: `${(value / most) * 100}%` }} />
            </span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
