import { get } from '../http';
import htmx from '../htmx';

/** The list that records were opened from last, by object; of this tab alone. */
const kept = (object: string) => `list:${object}`;

/** Remembers the list at hand, so that a record's page knows its neighbours. */
export function remember(object: string, query: string): void {
  sessionStorage.setItem(kept(object), query);
}

/** A record's place in the list that it was opened from; empty where there was none. */
export class Place extends HTMLElement {
  connectedCallback(): void {
    const query = sessionStorage.getItem(kept(this.dataset.object ?? ''));
    if (query !== null && this.dataset.url) void this.fill(`${this.dataset.url}?${query}`);
  }

  private async fill(url: string): Promise<void> {
    const answer = await get(url).catch(() => null);
    if (!answer?.ok) return;
    this.innerHTML = await answer.text();
    htmx.process(this);
  }
}
