/** Questions to begin with: this asker's own, and in dev mode everybody else's, as them. */

import { useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { useStore } from "../shared/useStore";
import { choices, same } from "./choices";
import { become, session } from "./session";
import type { Example, Persona, Personas } from "./wire";

export function ExamplesPanel() {
  const { asker, personas } = useStore(session);
  const open = useOpen();
  if (!asker) return null;
  const others =
    personas?.examples.filter((one) => !asker.persona || !same(one.persona, asker.persona)) ?? [];

  async function openAs(name: string, persona: Persona) {
    await become(persona);
    const example = session.get().asker?.about.examples.find((one) => one.name === name);
    if (example) open(example);
  }

  return (
    <section aria-labelledby="examples-title" className="panel">
      <h2 id="examples-title" className="graphiql-doc-explorer-title panel-title">
        Example questions
      </h2>
      <ul className="example-list">
        {mine(asker.about.examples, asker.persona).map((one) => (
          <li key={one.name}>
            <button type="button" className="example" onClick={() => open(one)}>
              <strong>{one.title}</strong>
              <span>{coded(one.see)}</span>
            </button>
          </li>
        ))}
      </ul>
      {asker.about.examples.length === 0 && <p className="none">There is none for {asker.about.role} yet.</p>}
      {personas && others.length > 0 && (
        <>
          <h3>As somebody else</h3>
          <ul className="example-list">
            {others.map((one) => (
              <li key={one.name + JSON.stringify(one.persona)}>
                <button type="button" className="example" onClick={() => void openAs(one.name, one.persona)}>
                  <strong>{one.title}</strong>
                  <span>{named(one.persona, personas)}</span>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

/** Words in backticks are code. */
function coded(text: string) {
  // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never change places
  return text.split("`").map((part, place) => (place % 2 ? <code key={place}>{part}</code> : part));
}

/** Several clients may share a role; the same question is offered once. */
function mine(examples: Example[], persona: Persona | null): Example[] {
  const own = examples.filter((one) => !one.client || one.client === persona?.client);
  return [...new Map(own.map((one) => [one.name, one])).values()];
}

function named(persona: Persona, personas: Personas): string {
  const all = choices(personas).flatMap((group) => group.choices);
  const one = all.find((choice) => same(choice.persona, persona));
  return one ? `${one.name}${one.detail ? `, ${one.detail}` : ""}` : persona.role;
}

function useOpen(): (example: Example) => void {
  const query = useGraphiQL((state) => state.queryEditor);
  const variables = useGraphiQL((state) => state.variableEditor);
  const { addTab, setVisiblePlugin } = useGraphiQLActions();
  return (example) => {
    const before = query?.getValue().trim();
    if (before && before !== example.query.trim()) addTab();
    query?.setValue(example.query);
    variables?.setValue(
      Object.keys(example.variables).length ? JSON.stringify(example.variables, null, 2) : "",
    );
    if (matchMedia("(max-width: 700px)").matches) setVisiblePlugin(null);
    query?.focus();
  };
}
