/** The switches: every system with its state, followed while the page is looked at. */

import { byId } from "../shared/dom";
import { type Dev, Refused } from "./dev";
import { type Source, source } from "./panels";
import { fill } from "./view";
import { system } from "./words";

const EVERY = 4000;

export class Sources {
  private readonly place = byId("sources");
  private drawn = "";

  /** `changed` is told when a system was stopped or started. */
  constructor(
    private readonly dev: Dev,
    private readonly changed: (what: string) => Promise<void>,
    private readonly failed: (error: unknown) => void,
  ) {}

  async follow(): Promise<void> {
    await this.look();
    setInterval(() => {
      if (!document.hidden) void this.look().catch(this.failed);
    }, EVERY);
  }

  async look(): Promise<void> {
    this.draw((await this.dev.get<{ sources: Source[] }>("/dev/sources")).sources);
  }

  private draw(sources: Source[]): void {
    const now = JSON.stringify(
      sources.map(({ name, mock, enabled, breaker, p50Ms }) => [name, mock, enabled, breaker, p50Ms]),
    );
    if (now === this.drawn) return;
    this.drawn = now;
    const held = document.activeElement?.getAttribute("data-source");
    fill(this.place, ...sources.map((one) => source(one, (run) => void this.flip(one, run))));
    if (held) this.place.querySelector<HTMLElement>(`[data-source="${CSS.escape(held)}"]`)?.focus();
  }

  private async flip(one: Source, run: boolean): Promise<void> {
    try {
      await this.dev.post(`/dev/sources/${encodeURIComponent(one.name)}/${run ? "start" : "stop"}`);
      await this.changed(`${system(one.name)} is ${run ? "running again" : "stopped"}.`);
    } catch (error) {
      this.failed(error instanceof Refused ? error : new Refused(String(error), 0));
    }
    await this.look().catch(this.failed);
  }
}
