/** A height that one drags, or changes by arrow keys, and that stays for next time. */

import { type HTMLAttributes, type KeyboardEvent, type PointerEvent, useState } from "react";

const KEPT = "customer360.dock";
const [LEAST, MOST] = [15, 80];

export function useHeight(open: boolean): { height: string; handle: HTMLAttributes<HTMLElement> } {
  const [percent, set] = useState(() => Number(localStorage.getItem(KEPT)) || 45);
  const to = (next: number) => {
    const within = Math.round(Math.min(MOST, Math.max(LEAST, next)));
    set(within);
    localStorage.setItem(KEPT, String(within));
  };
  const drag = (event: PointerEvent<HTMLElement>) => {
    const frame = event.currentTarget.closest(".graphiql-response")?.getBoundingClientRect();
    if (frame && event.currentTarget.hasPointerCapture(event.pointerId))
      to(((frame.bottom - event.clientY) / frame.height) * 100);
  };
  return {
    height: `${percent}%`,
    handle: {
      role: "separator",
      tabIndex: open ? 0 : -1,
      "aria-orientation": "horizontal",
      "aria-label": "Height of what is told of the answer",
      "aria-valuenow": percent,
      "aria-valuemin": LEAST,
      "aria-valuemax": MOST,
      onPointerDown: (event) => event.currentTarget.setPointerCapture(event.pointerId),
      onPointerMove: drag,
      onKeyDown: (event: KeyboardEvent) => {
        if (event.key === "ArrowUp") to(percent + 5);
        if (event.key === "ArrowDown") to(percent - 5);
      },
    },
  };
}
