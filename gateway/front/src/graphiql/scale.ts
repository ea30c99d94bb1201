/** Where calls stand on a waterfall. */

interface Timed {
  startMs: number;
  ms: number;
}

export interface Scale {
  end: number;
  /** Round milliseconds to write on the axis. */
  marks: number[];
  place: (call: Timed) => { left: string; width: string };
}

export function scale(calls: Timed[]): Scale {
  const end = Math.max(0.1, ...calls.map((call) => call.startMs + call.ms));
  const share = (ms: number) => `${(Math.max(0, ms) / end) * 100}%`;
  return {
    end,
    marks: ticks(end),
    place: (call) => ({ left: share(call.startMs), width: share(call.ms) }),
  };
}

/** Three to six steps of 1, 2 or 5 times a power of ten. */
export function ticks(end: number): number[] {
  const rough = end / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((one) => one * power >= rough) ?? 10) * power;
  return Array.from({ length: Math.floor((end * 0.97) / step) + 1 }, (_, place) => place * step);
}
