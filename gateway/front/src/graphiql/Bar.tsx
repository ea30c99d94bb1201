/** Who asks, for what, and how much of the graph that opens. */

import { useRef } from "react";
import { useStore } from "../shared/useStore";
import { DownIcon } from "./icons";
import { held } from "./locks";
import { PersonaDialog } from "./PersonaDialog";
import { type Asker, ask, leave, session } from "./session";
import { spoken } from "./words";

export function Bar({ asker }: { asker: Asker }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { busy, problem } = useStore(session);
  const { about, persona } = asker;
  const { seen, all } = held(about);
  return (
    <header className="bar" aria-busy={busy}>
      <a className="brand" href="./" aria-label="Customer Graph: start page">
        <img src={new URL("../shared/icon.svg", import.meta.url).href} alt="" width="24" height="24" />
        <span className="brand-name">Customer Graph</span>
      </a>
      {persona ? (
        <button
          type="button"
          className="who"
          aria-haspopup="dialog"
          onClick={() => dialog.current?.showModal()}
        >
          <Name asker={asker} />
          <DownIcon />
        </button>
      ) : (
        <span className="who">
          <Name asker={asker} />
          <button type="button" className="quiet" onClick={leave}>
            Leave
          </button>
        </span>
      )}
      <label className="purpose">
        <span className="purpose-word">for</span>
        <select
          aria-label="Purpose of use"
          value={about.purpose ?? ""}
          disabled={about.purposes.length < 2}
          onChange={(event) => void ask(event.target.value)}
        >
          {about.purposes.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      <span
        className="holds"
        title={about.categories
          .filter((one) => one.decision !== "WITHHELD")
          .map((one) => one.name)
          .join(", ")}
      >
        <meter min={0} max={all} value={seen} aria-label="Categories that are open to you" />
        {seen} of {all} {about.refused ? "nameable " : ""}categories
      </span>
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      {persona && <PersonaDialog dialog={dialog} />}
    </header>
  );
}

function Name({ asker: { about, persona } }: { asker: Asker }) {
  const keys = Object.values(persona?.keys ?? {}).flat();
  const who = persona?.name ?? (persona?.client ? spoken(persona.client) : null);
  const does = persona ? about.title.split(":")[0] : about.subject;
  return (
    <span className="who-name">
      <strong>{who ?? spoken(about.role)}</strong>
      <span className="who-title">{who ? spoken(about.role) : keys.join(", ") || does}</span>
    </span>
  );
}
