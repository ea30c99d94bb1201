/** Who asks is found out while the rest of the page, which is large, is still read. */

import "./csp";
import { begin } from "./session";
import { shared } from "./share";

const link = shared();
void begin(link.persona);
void import("./page").then((page) => page.show(link));
