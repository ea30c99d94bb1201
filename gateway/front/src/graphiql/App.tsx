/** The page: who asks on top, GraphiQL below; or, while nobody does, how to begin. */

import { explorerPlugin } from "@graphiql/plugin-explorer";
import { HISTORY_PLUGIN } from "@graphiql/plugin-history";
import { GraphiQL } from "graphiql";
import { useMemo } from "react";
import { useStore } from "../shared/useStore";
import { Bar } from "./Bar";
import { Dock } from "./Dock";
import { EscapeLeaves } from "./EscapeLeaves";
import { ExamplesPanel } from "./Examples";
import { fetcherFor } from "./fetcher";
import { ListIcon, LockIcon } from "./icons";
import { LocksPanel } from "./Locks";
import { Marks } from "./Marks";
import { ShareButton } from "./ShareButton";
import { SystemTheme } from "./SystemTheme";
import { type Asker, session } from "./session";
import type { Shared } from "./share";
import { keptWithoutHeaders } from "./storage";
import { Welcome } from "./Welcome";

const PLUGINS = [
  HISTORY_PLUGIN,
  explorerPlugin({ showAttribution: false }),
  { title: "Example questions", icon: ListIcon, content: ExamplesPanel },
  { title: "Need to know", icon: LockIcon, content: LocksPanel },
];

const storage = keptWithoutHeaders(localStorage);

export function App({ link }: { link: Shared }) {
  const { asker, begun } = useStore(session);
  if (asker) return <Desk asker={asker} link={link} />;
  return begun ? <Welcome /> : <p className="wait">GraphiQL is on its way …</p>;
}

function Desk({ asker, link }: { asker: Asker; link: Shared }) {
  const fetcher = useMemo(() => fetcherFor(asker), [asker]);
  const first = asker.about.examples[0];
  return (
    <div className="desk">
      <Bar asker={asker} />
      <main className="desk-main">
        <h1 className="unseen">GraphiQL for the Customer Graph</h1>
        <GraphiQL
          fetcher={fetcher}
          plugins={PLUGINS}
          storage={storage}
          shouldPersistHeaders={false}
          showPersistHeadersSettings={false}
          defaultQuery={first?.query ?? "{\n  viewer { role purpose categories }\n}\n"}
          defaultEditorToolsVisibility={false}
          {...(link.query ? { initialQuery: link.query } : {})}
          {...(link.variables ? { initialVariables: link.variables } : {})}
        >
          <GraphiQL.Logo>
            <span className="unseen">Customer Graph</span>
          </GraphiQL.Logo>
          <GraphiQL.Toolbar>
            {({ prettify, copy, merge }) => (
              <>
                {prettify}
                {merge}
                {copy}
                <ShareButton persona={asker.persona && { ...asker.persona, purpose: asker.purpose }} />
              </>
            )}
          </GraphiQL.Toolbar>
          <GraphiQL.Footer>
            <Dock about={asker.about} />
          </GraphiQL.Footer>
          <Marks asker={asker} />
          <SystemTheme />
          <EscapeLeaves />
        </GraphiQL>
      </main>
    </div>
  );
}
