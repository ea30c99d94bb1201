/** What the gateway sends, as far as the page reads it. */

export interface Needs {
  category: string;
  purpose: string | null;
  relation?: string[];
  consent?: boolean;
}

/** How far a reason is told depends on the caller. */
export interface Why {
  rule?: string;
  needs?: Needs;
  requestable?: boolean;
  ref?: string;
}

export type Reason = "WITHHELD" | "MASKED" | "UNAVAILABLE" | "STALE_SUPPRESSED" | "NOT_LOADED" | "AMBIGUOUS";

export interface Absent {
  path: string;
  coordinate: string;
  reason: Reason;
  rows: "ALL" | "SOME";
  /** Exact places, each as its response keys and list positions. */
  at?: (string | number)[][];
  system?: string;
  code?: string;
  retryable?: boolean;
  retryAfterMs?: number;
  mask?: string;
  category?: string;
  why?: Why;
}

export interface Source {
  path: string;
  system: string;
  mode: "LIVE" | "CACHED" | "STALE" | "FALLBACK" | "DERIVED";
  asOf?: string | null;
  fetchedAt?: string | null;
  ageMs?: number | null;
  rows?: number;
}

export interface Call {
  id: number;
  after: number[];
  system: string;
  operation: string;
  columns: string[];
  keys: number;
  rows: number;
  coordinates: string[];
  startMs: number;
  ms: number;
  cache: "HIT" | "MISS" | "STALE" | "NONE";
  coalesced: boolean;
}

export type Decision = "SEEN" | "MASKED" | "WITHHELD" | "CONDITIONAL";

export interface Decided {
  coordinate: string;
  decision: Decision;
  category: string;
  mask?: string;
  rule?: string;
  needs?: Needs;
}

export interface Cost {
  estimated: number;
  actual: number;
  budget?: number;
  remaining?: number;
}

export interface Told {
  absent: Absent[];
  sources: Source[];
  plan: Call[];
  policy: Decided[];
  cost: Cost | null;
}

export interface Category {
  name: string;
  why: string;
  decision: Decision;
  sentence: string;
  mask?: string;
  rule?: string;
  needs?: Needs;
  requestable?: boolean;
}

export interface Example {
  name: string;
  title: string;
  query: string;
  variables: Record<string, unknown>;
  see: string;
  purpose: string | null;
  client: string | null;
}

/** `GET /viewer.json`. */
export interface About {
  subject: string;
  role: string;
  title: string;
  client: string | null;
  customer: string | null;
  purpose: string | null;
  purposes: string[];
  refused: boolean;
  informed: boolean;
  categories: Category[];
  coordinates: Record<string, string>;
  references: Record<string, string>;
  examples: Example[];
}

/** Whom one can be (`GET /dev/personas`), and as whom one asks for a token. */
export interface Persona {
  role: string;
  client?: string | null;
  purpose?: string | null;
  keys?: Record<string, string[]>;
  by?: Record<string, string>;
  customer?: string;
  name?: string;
}

export interface Personas {
  roles: { role: string; title: string; purposes: string[]; group: string; relations: string[] }[];
  partners: { client: string; role: string; title: string; purposes: string[] }[];
  examples: { name: string; title: string; persona: Persona }[];
}
