/**
 * Who asks, in this tab. A token is held in memory; what outlives a reload is kept in `sessionStorage`, which is this
 * tab's alone: in dev mode whom one is (a new token is minted), otherwise the token one has entered.
 */

import * as secrets from "../shared/secret";
import { store } from "../shared/store";
import { forgetAll } from "./answers";
import * as api from "./api";
import type { About, Persona, Personas } from "./wire";

export interface Asker {
  token: string;
  /** Null for the holder of a token that was entered. */
  persona: Persona | null;
  purpose: string | null;
  about: About;
}

export interface Session {
  asker: Asker | null;
  personas: Personas | null;
  busy: boolean;
  /** Whether it is known who asks at the beginning, or that nobody does. */
  begun: boolean;
  problem: string | null;
}

const PERSONA = "customer360.persona";
const TOKEN = "customer360.token";
const NOT_TAKEN = "This token is not accepted: it has run out, or was made for another gateway.";

export const session = store<Session>({
  asker: null,
  personas: null,
  busy: false,
  begun: false,
  problem: null,
});

function told(change: Partial<Session>): void {
  session.set({ ...session.get(), ...change });
}

async function trying(work: () => Promise<Partial<Session>>): Promise<void> {
  told({ busy: true, problem: null });
  try {
    told({ ...(await work()), busy: false });
  } catch (error) {
    told({ busy: false, problem: error instanceof Error ? error.message : String(error) });
  }
}

/** From what this tab knows: the secret of the start, or a token entered earlier; and whom a link names. */
export async function begin(wanted: Persona | null): Promise<void> {
  const secret = secrets.secret();
  if (secrets.dev() && secret) await enter(secret, wanted);
  else {
    const token = sessionStorage.getItem(TOKEN);
    if (token) await hold(token);
  }
  told({ begun: true });
}

/** With the secret of this start: one can be anybody. */
export function enter(secret: string, wanted: Persona | null): Promise<void> {
  return trying(async () => {
    const personas = await api.personas(secret).catch((error: unknown) => {
      if (error instanceof api.Refused && error.status === 403) secrets.forget();
      throw error;
    });
    secrets.keep(secret);
    const first = wanted ?? remembered() ?? { role: "support_agent" };
    return { personas, asker: await asker(secret, first, first.purpose ?? null) };
  });
}

export function become(persona: Persona): Promise<void> {
  return trying(async () => ({ asker: await asker(need(), persona, persona.purpose ?? null) }));
}

/** With a token from elsewhere. */
export function hold(token: string): Promise<void> {
  return trying(async () => {
    const about = await api.about(token, null).catch((error: unknown) => {
      throw error instanceof api.Refused && error.status === 401 ? new api.Refused(401, NOT_TAKEN) : error;
    });
    sessionStorage.setItem(TOKEN, token);
    forgetAll();
    return { asker: { token, persona: null, purpose: about.purpose, about } };
  });
}

export function ask(purpose: string): Promise<void> {
  return trying(async () => {
    const { asker: current } = session.get();
    if (!current) return {};
    const about = await api.about(current.token, purpose);
    if (current.persona) kept({ ...current.persona, purpose });
    forgetAll();
    return { asker: { ...current, purpose, about } };
  });
}

export function leave(): void {
  sessionStorage.removeItem(TOKEN);
  sessionStorage.removeItem(PERSONA);
  secrets.forget();
  forgetAll();
  told({ asker: null, personas: null, problem: null });
}

/** A fresh token for whom one is, when the old one has run out; null where none can be minted. */
export async function renewed(): Promise<string | null> {
  const { asker: current } = session.get();
  const secret = secrets.secret();
  if (!current?.persona || !secret) return null;
  current.token = await api.minted(secret, current.persona);
  return current.token;
}

/** The token that was entered is not taken any more. */
export function ended(): void {
  told({ problem: "This token is not accepted (any more): leave, and enter another one." });
}

async function asker(secret: string, persona: Persona, purpose: string | null): Promise<Asker> {
  const who = await identified(secret, persona);
  const token = await api.minted(secret, who);
  const about = await api.about(token, purpose);
  kept({ ...who, purpose: about.purpose });
  forgetAll();
  return { token, persona: who, purpose: about.purpose, about };
}

async function identified(secret: string, persona: Persona): Promise<Persona> {
  if (persona.customer || !persona.by) return persona;
  const customer = await api.found(secret, persona.by);
  return { ...persona, customer: customer.id, ...(customer.name ? { name: customer.name } : {}) };
}

function need(): string {
  const secret = secrets.secret();
  if (!secret) throw new Error("The secret of this start is needed.");
  return secret;
}

function kept(persona: Persona): void {
  sessionStorage.setItem(PERSONA, JSON.stringify(persona));
}

function remembered(): Persona | null {
  const text = sessionStorage.getItem(PERSONA);
  return text ? (JSON.parse(text) as Persona) : null;
}
