/** What of the graph is open to the asker, category by category: why one would need it, who decides, how to ask. */

import { useState } from "react";
import { useStore } from "../shared/useStore";
import { type Group, groups } from "./locks";
import { session } from "./session";
import type { About, Decision } from "./wire";
import { DECISIONS, howToAsk, needsWords } from "./words";

const FILTERS: (Decision | "ALL")[] = ["ALL", "WITHHELD", "MASKED", "CONDITIONAL", "SEEN"];

export function LocksPanel() {
  const { asker } = useStore(session);
  const [only, choose] = useState<Decision | "ALL">("ALL");
  const [sought, seek] = useState("");
  if (!asker) return null;
  const { about } = asker;
  const found = groups(about, only, sought);
  const count = (one: Decision | "ALL") =>
    about.categories.filter((c) => one === "ALL" || c.decision === one).length;
  return (
    <section aria-labelledby="locks-title" className="panel">
      <h2 id="locks-title" className="panel-title">
        Need to know
      </h2>
      <p className="lead">{about.title}</p>
      <p className="lead">
        {about.purpose && (
          <>
            You ask for <b>{about.purpose}</b>.{" "}
          </>
        )}
        Each field belongs to a category, which says why one would need it. What is withheld is not fetched.
      </p>
      <input
        type="search"
        className="seek"
        placeholder="Customer.email, financial…"
        aria-label="Find a field or category"
        value={sought}
        onChange={(event) => seek(event.target.value)}
      />
      <fieldset className="filters">
        <legend className="unseen">Show</legend>
        {FILTERS.filter((one) => one === "ALL" || count(one) > 0).map((one) => (
          <button key={one} type="button" aria-pressed={only === one} onClick={() => choose(one)}>
            {one === "ALL" ? "all" : DECISIONS[one]} <span className="count">{count(one)}</span>
          </button>
        ))}
      </fieldset>
      {found.map((group) => (
        <CategoryDetails key={group.category.name} group={group} about={about} open={sought.length > 1} />
      ))}
      {found.length === 0 && <p className="none">Nothing you may name is called that.</p>}
    </section>
  );
}

function CategoryDetails({ group, about, open }: { group: Group; about: About; open: boolean }) {
  const { category, coordinates } = group;
  const locked = category.decision === "WITHHELD";
  return (
    <details className="category" open={open}>
      <summary>
        <span className={`chip chip-${category.decision.toLowerCase()}`}>{DECISIONS[category.decision]}</span>
        <strong>{category.name}</strong>
        <span className="count">{coordinates.length}</span>
      </summary>
      <p>{category.why}</p>
      <dl>
        <dt>You</dt>
        <dd>
          {category.sentence}
          {category.mask && ` (mask: ${category.mask})`}
        </dd>
        {category.rule && (
          <>
            <dt>Decided by</dt>
            <dd>{category.rule}</dd>
          </>
        )}
        {category.needs && category.decision !== "SEEN" && (
          <>
            <dt>It takes</dt>
            <dd>{needsWords(category.needs)}</dd>
          </>
        )}
        {locked && (
          <>
            <dt>To ask for it</dt>
            <dd>{howToAsk(category, coordinates[0] ?? "", about.references[coordinates[0] ?? ""])}</dd>
          </>
        )}
      </dl>
      <ul className="coordinates">
        {coordinates.map((at) => (
          <li key={at}>
            <code>{at}</code>
            {about.references[at] && <span className="ref">ref {about.references[at]}</span>}
          </li>
        ))}
      </ul>
    </details>
  );
}
