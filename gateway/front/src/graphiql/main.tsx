import { createRoot } from "react-dom/client";
import { byId } from "../shared/dom";

createRoot(byId("page")).render(<main>GraphiQL</main>);
