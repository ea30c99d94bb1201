/** The calls of one answer as bars on a common scale (`extensions.plan`). */

import type { Call } from "./answer";

export interface Bar {
  system: string;
  operation: string;
  from: number;
  width: number;
  ms: number;
  columns: string[];
  rows: number;
}

export interface Waterfall {
  bars: Bar[];
  systems: number;
  ms: number;
}

/** `from` and `width` are shares of the whole, 0 to 1; the shortest call still has a width that one can see. */
export function waterfall(plan: readonly Call[]): Waterfall {
  const end = Math.max(...plan.map((call) => call.startMs + call.ms), 1);
  const bars = [...plan]
    .sort((one, other) => one.startMs - other.startMs || one.id - other.id)
    .map(({ system, operation, startMs, ms, columns, rows }) => {
      const width = Math.max(ms / end, 0.008);
      return {
        system,
        operation,
        from: Math.min(Math.max(startMs, 0) / end, 1 - width),
        width,
        ms,
        columns,
        rows,
      };
    });
  return { bars, systems: new Set(plan.map((call) => call.system)).size, ms: end };
}
