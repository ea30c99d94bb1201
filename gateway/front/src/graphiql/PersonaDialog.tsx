/** Being somebody else with one click; or with a form, for who is not listed. Dev mode only. */

import type { RefObject } from "react";
import { useStore } from "../shared/useStore";
import { type Choice, choices, same } from "./choices";
import { CloseIcon } from "./icons";
import { SomebodyElse } from "./SomebodyElse";
import { become, session } from "./session";
import type { Persona } from "./wire";

export function PersonaDialog({ dialog }: { dialog: RefObject<HTMLDialogElement | null> }) {
  const { personas, asker } = useStore(session);
  if (!personas) return null;
  const pick = (persona: Persona) => {
    dialog.current?.close();
    void become(persona);
  };
  return (
    <dialog ref={dialog} className="personas" aria-labelledby="personas-title">
      <div className="personas-head">
        <h2 id="personas-title">Ask as…</h2>
        <button
          type="button"
          className="quiet icon-button"
          aria-label="Close"
          onClick={() => dialog.current?.close()}
        >
          <CloseIcon />
        </button>
      </div>
      <p className="lead">
        Everybody asks the same graph. What they need to know decides what they are shown.
      </p>
      {choices(personas).map((group) => (
        <section key={group.title} aria-label={group.title}>
          <h3>{group.title}</h3>
          <ul className="persona-list">
            {group.choices.map((one) => (
              <li key={one.name + one.detail}>
                <PersonaButton
                  choice={one}
                  current={!!asker?.persona && same(one.persona, asker.persona)}
                  pick={pick}
                />
              </li>
            ))}
          </ul>
        </section>
      ))}
      <SomebodyElse personas={personas} pick={pick} />
    </dialog>
  );
}

function PersonaButton(props: { choice: Choice; current: boolean; pick: (persona: Persona) => void }) {
  const { choice, current, pick } = props;
  return (
    <button type="button" className="persona" aria-pressed={current} onClick={() => pick(choice.persona)}>
      <strong>
        {choice.name} {choice.detail && <span className="persona-detail">{choice.detail}</span>}
      </strong>
      <span>{choice.title}</span>
    </button>
  );
}
