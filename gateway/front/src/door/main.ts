import { byId } from "../shared/dom";
import { dev, forget, keep, secret } from "../shared/secret";
import { Demo, failed } from "./demo";
import { Dev, Refused } from "./dev";
import { AGENT } from "./personas";
import { production } from "./production";
import { offerSchema } from "./schema";

async function start(given: string): Promise<void> {
  byId("locked").hidden = true;
  byId("problem").hidden = true;
  byId("demo").hidden = false; // there from the first moment, for nothing to jump when the rest comes
  try {
    await new Dev(given).get("/dev/sources");
    offerSchema(() => new Dev(given).token(AGENT));
    await new Demo(new Dev(given)).begin();
  } catch (error) {
    if (error instanceof Refused && error.status === 403) locked();
    failed(error);
  }
}

function locked(): void {
  forget();
  byId("demo").hidden = true;
  byId("locked").hidden = false;
}

byId("secret-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const { value } = byId("secret") as HTMLInputElement;
  if (!value.trim()) return;
  keep(value.trim());
  void start(value.trim());
});

const given = dev() ? secret() : null;
if (given) void start(given);
else if (dev()) byId("locked").hidden = false;
else production();
