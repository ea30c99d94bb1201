/** All of the page that is to be seen. */

import "./workers";
import "@graphiql/react/style.css";
import "@graphiql/plugin-explorer/style.css";
import "@graphiql/plugin-doc-explorer/style.css";
import "@graphiql/plugin-history/style.css";
import "graphiql/graphiql.css";
import "./page.css";
import "./panels.css";
import { createRoot } from "react-dom/client";
import { byId } from "../shared/dom";
import { App } from "./App";
import type { Shared } from "./share";

export function show(link: Shared): void {
  createRoot(byId("page")).render(<App link={link} />);
}
