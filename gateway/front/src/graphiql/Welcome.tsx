/** While nobody asks: with the secret of this start one can be anybody; everywhere, a token will do. */

import type { FormEvent } from "react";
import * as secrets from "../shared/secret";
import { useStore } from "../shared/useStore";
import { enter, hold, session } from "./session";

export function Welcome() {
  const { busy, problem } = useStore(session);
  return (
    <main className="welcome" aria-busy={busy}>
      <div className="welcome-card">
        <img src={new URL("../shared/icon.svg", import.meta.url).href} alt="" width="44" height="44" />
        <h1>Customer Graph</h1>
        <p className="lead">
          One question, every old system. Who asks decides what is shown, and every gap says why.
        </p>
        {problem && (
          <p className="problem" role="alert">
            {problem}
          </p>
        )}
        {secrets.dev() && (
          <Given
            name="secret"
            label="Secret of this start"
            submit="Ask as anybody"
            take={(secret) => enter(secret, null)}
          >
            <code>customer360 demo</code> prints a link to this page that has it. It stays in this tab.
          </Given>
        )}
        <Given name="token" label="Access token" submit="Ask with this token" take={hold}>
          The bearer token that your client would send. It stays in this tab, and is in no link and no
          history.
        </Given>
      </div>
    </main>
  );
}

interface GivenProps {
  name: string;
  label: string;
  submit: string;
  take: (value: string) => Promise<void>;
  children: React.ReactNode;
}

function Given({ name, label, submit, take, children }: GivenProps) {
  function give(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const value = String(new FormData(event.currentTarget).get(name) ?? "").trim();
    if (value) void take(value);
  }
  return (
    <form className="given" onSubmit={give}>
      <label htmlFor={name}>{label}</label>
      <div className="given-row">
        <input
          id={name}
          name={name}
          type="password"
          autoComplete="off"
          spellCheck={false}
          aria-describedby={`${name}-hint`}
        />
        <button type="submit" className="primary">
          {submit}
        </button>
      </div>
      <p id={`${name}-hint`}>{children}</p>
    </form>
  );
}
