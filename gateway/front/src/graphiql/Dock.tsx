/**
 * Below the answer: what is missing in it and why, and how it came about. Tabs that this asker may not be told of are
 * not there: plan, policy and cost belong to who runs the gateway (`operations`).
 */

import { type KeyboardEvent, type ReactNode, useRef, useState } from "react";
import { useStore } from "../shared/useStore";
import { shown } from "./answers";
import { DownIcon } from "./icons";
import { CostPanel } from "./panels/CostPanel";
import { GapsPanel } from "./panels/GapsPanel";
import { PlanPanel } from "./panels/PlanPanel";
import { PolicyPanel } from "./panels/PolicyPanel";
import { SourcesPanel } from "./panels/SourcesPanel";
import { useHeight } from "./useHeight";
import type { About, Told } from "./wire";

interface Pane {
  name: string;
  count: (told: Told) => number | null;
  show: (told: Told) => ReactNode;
}

const GAPS: Pane = {
  name: "Gaps",
  count: (told) => told.absent.length,
  show: (told) => <GapsPanel gaps={told.absent} />,
};
const sources = (named: boolean): Pane => ({
  name: "Sources",
  count: (told) => new Set(told.sources.map((one) => one.system)).size,
  show: (told) => <SourcesPanel sources={told.sources} named={named} />,
});
const OTHERS: Pane[] = [GAPS, sources(false)];
const INFORMED: Pane[] = [
  GAPS,
  { name: "Plan", count: (told) => told.plan.length, show: (told) => <PlanPanel calls={told.plan} /> },
  sources(true),
  {
    name: "Policy",
    count: (told) => told.policy.length,
    show: (told) => <PolicyPanel decided={told.policy} />,
  },
  { name: "Cost", count: () => null, show: (told) => <CostPanel cost={told.cost} /> },
];

export function Dock({ about }: { about: About }) {
  const told = useStore(shown);
  const panes = about.informed ? INFORMED : OTHERS;
  const [chosen, choose] = useState("Gaps");
  const [open, toggle] = useState(true);
  const pane = panes.find((one) => one.name === chosen) ?? GAPS;
  const { height, handle } = useHeight(open);
  const pick = (name: string) => {
    choose(name);
    toggle(true);
  };
  return (
    <section className="dock" aria-label="About this answer" style={open ? { height } : {}}>
      {open && <div {...handle} className="dock-handle" />}
      <div className="dock-head">
        <TabList panes={panes} chosen={pane} told={told} choose={pick} />
        <button
          type="button"
          className="quiet icon-button dock-toggle"
          aria-expanded={open}
          aria-label={open ? "Fold what is told of the answer" : "Unfold what is told of the answer"}
          onClick={() => toggle(!open)}
        >
          <DownIcon />
        </button>
      </div>
      {open && <Body pane={pane} told={told} />}
    </section>
  );
}

function Body({ pane, told }: { pane: Pane; told: Told | null }) {
  const none = <p className="none">Ask something (Ctrl-Enter): here stands what is told of the answer.</p>;
  return (
    <div
      className="dock-body"
      role="tabpanel"
      id="dock-panel"
      aria-labelledby={`dock-${pane.name}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard has to get into it
      tabIndex={0}
    >
      {told ? pane.show(told) : none}
    </div>
  );
}

interface TabsProps {
  panes: Pane[];
  chosen: Pane;
  told: Told | null;
  choose: (name: string) => void;
}

function TabList({ panes, chosen, told, choose }: TabsProps) {
  const list = useRef<HTMLDivElement>(null);
  function walk(event: KeyboardEvent) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = (panes.indexOf(chosen) + step + panes.length) % panes.length;
    choose(panes[next]?.name ?? chosen.name);
    list.current?.querySelectorAll("button")[next]?.focus();
  }
  return (
    <div role="tablist" aria-label="About this answer" className="dock-tabs" ref={list} onKeyDown={walk}>
      {panes.map((one) => (
        <button
          key={one.name}
          type="button"
          role="tab"
          id={`dock-${one.name}`}
          aria-selected={one === chosen}
          aria-controls="dock-panel"
          tabIndex={one === chosen ? 0 : -1}
          onClick={() => choose(one.name)}
        >
          {one.name}
          {told && one.count(told) !== null && <span className="count">{one.count(told)}</span>}
        </button>
      ))}
    </div>
  );
}
