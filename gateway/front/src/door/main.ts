import { byId } from "../shared/dom";

byId("page").textContent = "Customer Graph";
