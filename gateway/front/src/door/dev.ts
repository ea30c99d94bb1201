/** The doors of dev mode (`/dev/…`, see gateway/server/threshold.py), for who has the secret of this start. */

const EARLY = 60_000;

/** Whom a token is for: what `POST /dev/token` takes. */
export interface Persona {
  role: string;
  client?: string;
  purpose?: string;
  customer?: string;
  scopes?: readonly string[];
}

/** An answer that is not the one hoped for. `status` 0: nobody answered. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

/** Tokens are kept in memory, until shortly before they end. */
export class Dev {
  private readonly tokens = new Map<string, { token: string; until: number }>();

  constructor(private readonly secret: string) {}

  get<T>(path: string): Promise<T> {
    return sent<T>(path, { headers: { "X-Dev-Secret": this.secret } });
  }

  post<T>(path: string, body: unknown = {}): Promise<T> {
    const headers = { "X-Dev-Secret": this.secret, "Content-Type": "application/json" };
    return sent<T>(path, { method: "POST", headers, body: JSON.stringify(body) });
  }

  async token(persona: Persona): Promise<string> {
    const key = JSON.stringify(persona);
    const known = this.tokens.get(key);
    if (known && known.until > Date.now()) return known.token;
    const told = await this.post<{ token: string; expiresIn: number }>("/dev/token", persona);
    this.tokens.set(key, { token: told.token, until: Date.now() + told.expiresIn * 1000 - EARLY });
    return told.token;
  }
}

async function sent<T>(path: string, request: RequestInit): Promise<T> {
  const reply = await fetch(path, request).catch(() => {
    throw new Refused("The gateway does not answer.", 0);
  });
  const told = (await reply.json().catch(() => null)) as { errors?: { message?: string }[] } | null;
  if (!reply.ok)
    throw new Refused(told?.errors?.[0]?.message ?? `The gateway answered ${reply.status}.`, reply.status);
  return told as T;
}
