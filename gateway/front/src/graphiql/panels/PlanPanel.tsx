import type { CSSProperties } from "react";
import { scale } from "../scale";
import type { Call } from "../wire";

/** The calls that were made of systems, in the order they began, each as long as it took. */
export function PlanPanel({ calls }: { calls: Call[] }) {
  if (calls.length === 0) return <p className="none">No system was asked for this answer.</p>;
  const sorted = [...calls].sort((a, b) => a.startMs - b.startMs || a.id - b.id);
  const { end, marks, place } = scale(sorted);
  const systems = new Set(calls.map((call) => call.system)).size;
  const spared = calls.filter((call) => call.cache === "HIT" || call.coalesced).length;
  return (
    <>
      <p className="sum">
        <b>{calls.length}</b> {calls.length === 1 ? "call" : "calls"} of <b>{systems}</b>{" "}
        {systems === 1 ? "system" : "systems"} in <b>{rounded(end)} ms</b>
        {spared > 0 && <>, {spared} of them spared by the cache or an equal question</>}
      </p>
      <div className="axis" aria-hidden="true">
        {marks.map((at) => (
          <span key={at} style={{ left: `${(at / end) * 100}%` }}>
            {at && rounded(at)}
          </span>
        ))}
      </div>
      <ol className="plan">
        {sorted.map((call) => (
          <CallRow key={call.id} call={call} style={place(call)} />
        ))}
      </ol>
    </>
  );
}

function CallRow({ call, style }: { call: Call; style: CSSProperties }) {
  return (
    <li>
      <details className="call">
        <summary>
          <span className="call-name">
            <b>{call.system}</b>
            <span>{call.operation}</span>
          </span>
          <span className="track">
            <span className={`span span-${call.cache.toLowerCase()}`} style={style} />
          </span>
          <span className="call-figures">
            <span>{counted(call.rows, "row")}</span>
            <span className="ms">{rounded(call.ms)} ms</span>
          </span>
        </summary>
        <dl>
          <dt>Columns</dt>
          <dd className="codes">
            {call.columns.map((column) => (
              <code key={column}>{column}</code>
            ))}
          </dd>
          <dt>For</dt>
          <dd className="codes">
            {call.coordinates.map((at) => (
              <code key={at}>{at}</code>
            ))}
          </dd>
          <dt>Call</dt>
          <dd>
            {`#${call.id}${call.after.length ? `, after ${call.after.map((id) => `#${id}`).join(", ")}` : ""}`}
            {`, ${counted(call.keys, "key")}, begun at ${rounded(call.startMs)} ms`}
          </dd>
          <dt>Cache</dt>
          <dd>
            {CACHE[call.cache]}
            {call.coalesced && "; it waited for an equal question under way"}
          </dd>
        </dl>
      </details>
    </li>
  );
}

const CACHE: Record<Call["cache"], string> = {
  HIT: "known: the system was not asked",
  MISS: "not known: the system was asked",
  STALE: "an old answer was given",
  NONE: "not kept: always live",
};

function counted(many: number, what: string): string {
  return `${many.toLocaleString("en")} ${what}${many === 1 ? "" : "s"}`;
}

function rounded(ms: number): string {
  return ms < 10 ? ms.toFixed(1) : Math.round(ms).toLocaleString("en");
}
