import { debounce } from '../dom';
import htmx from '../htmx';
import { t } from '../strings';
import { toast } from './toast';

/** `ids` null: too many to name. The object `*`: nobody knows what was missed. */
export interface Change {
  object: string;
  ids: (string | number)[] | null;
}
/** What htmx says of an answer before it puts it into the page. */
interface Swap {
  target: HTMLElement;
  requestConfig: { elt: Element };
  shouldSwap: boolean;
}
const PATIENCE = 250;
const LONGEST = 30_000;
/** How long a part rests after it was fetched, however much others change meanwhile: fifty people at work change something every second. */
const REST = 5000;

/** Follows the workspace's changes and has the parts of the page that show them fetched again. */
export class Live extends HTMLElement {
  private source?: EventSource;
  private wait = 1000;
  private timer?: ReturnType<typeof setTimeout>;
  private stop = new AbortController();
  private notice: HTMLElement | undefined;
  /** By their addresses, for a part that is fetched again is another element. */
  private readonly stale = new Set<string>();
  /** Until when a part rests, by its address. */
  private readonly rests = new Map<string, number>();
  /** Addresses whose answer is on its way: htmx would forget a second question of an element that the first answer replaces. */
  private readonly asked = new Set<string>();
  /** What will be stale in a moment, by its address. */
  private readonly spread = new Map<string, ReturnType<typeof setTimeout>>();
  private waking?: ReturnType<typeof setTimeout>;
  private readonly refresh = debounce(PATIENCE, () => this.fetch());

  connectedCallback(): void {
    const signal = this.stop.signal;
    document.addEventListener('pv:changed', (event) => this.mark((event as CustomEvent<Change>).detail), { signal });
    document.addEventListener(
      'changed',
      (event) => {
        // One's own change is seen at once.
        this.rests.clear();
        document.dispatchEvent(new CustomEvent('pv:changed', { detail: (event as CustomEvent<Change>).detail }));
      },
      { signal },
    );
    // What was held back while someone typed comes when they leave.
    for (const name of ['focusout', 'pv:idle', 'visibilitychange'])
      document.addEventListener(name, () => this.stale.size && this.refresh(), { signal });
    document.addEventListener('htmx:beforeSwap', (event) => this.spare((event as CustomEvent<Swap>).detail), { signal });
    addEventListener('pagehide', () => this.source?.close(), { signal });
    addEventListener('online', () => this.connect(), { signal });
    this.connect();
  }

  disconnectedCallback(): void {
    this.stop.abort();
    this.stop = new AbortController();
    clearTimeout(this.timer);
    clearTimeout(this.waking);
    for (const timer of this.spread.values()) clearTimeout(timer);
    this.spread.clear();
    this.source?.close();
  }

  private connect(): void {
    clearTimeout(this.timer);
    this.source?.close();
    if (!this.dataset.url) return;
    const source = (this.source = new EventSource(this.dataset.url));
    source.addEventListener('open', () => {
      // After a gap nobody knows what was missed: everything that follows changes is fetched again.
      if (this.wait > 1000) document.dispatchEvent(new CustomEvent('pv:changed', { detail: { object: '*', ids: null } }));
      if (this.stale.size) this.refresh();
      this.wait = 1000;
      this.notice?.remove();
      this.notice = undefined;
    });
    source.addEventListener('message', (event: MessageEvent<string>) => {
      const data = JSON.parse(event.data) as Change | Change[];
      for (const detail of [data].flat()) document.dispatchEvent(new CustomEvent('pv:changed', { detail }));
    });
    source.addEventListener('error', () => {
      source.close();
      if (this.wait >= 8000 && !this.notice?.isConnected) this.notice = toast({ text: t('offline') });
      const jitter = 0.75 + Math.random() / 2;
      this.timer = setTimeout(() => this.connect(), this.wait * jitter);
      this.wait = Math.min(this.wait * 2, LONGEST);
    });
  }

  private places = () => [...document.querySelectorAll<HTMLElement>('[data-live][data-live-url]')];

  private mark({ object, ids }: Change): void {
    const named = (name: string) => {
      const [kind, id] = name.split(':');
      return object === '*' || (kind === object && (!ids || id === undefined || ids.map(String).includes(id)));
    };
    for (const { dataset } of this.places())
      if (dataset.liveUrl && dataset.live?.split(/\s+/).some(named)) this.outdate(dataset.liveUrl, Number(dataset.liveSpread ?? 0));
    if (this.stale.size) this.refresh();
  }

  /** `spread`: some time within so many seconds, for what every open page of a workspace hears of at once and is dear to reckon. */
  private outdate(url: string, spread: number): void {
    if (!spread) this.stale.add(url);
    else if (!this.spread.has(url))
      this.spread.set(
        url,
        setTimeout(() => {
          this.spread.delete(url);
          this.stale.add(url);
          this.refresh();
        }, Math.random() * spread * 1000),
      );
  }

  private async ask(url: string, shown: HTMLElement[]): Promise<void> {
    this.asked.add(url);
    const answers = shown.map((place) => htmx.ajax('get', url, { target: place, source: place, swap: 'outerHTML' }));
    await Promise.allSettled(answers);
    this.asked.delete(url);
    if (this.stale.has(url)) this.refresh();
  }

  /** Whoever began to write or to drag while a part was on its way keeps what they have; it comes when they leave. */
  private spare(swap: Swap): void {
    const { target, requestConfig } = swap;
    const url = target.dataset.liveUrl;
    if (!url || requestConfig.elt !== target || !swap.shouldSwap || !busy(target)) return;
    swap.shouldSwap = false;
    this.rests.delete(url);
    this.stale.add(url);
  }

  private fetch(): void {
    if (document.hidden) return;
    const now = performance.now();
    const resting: number[] = [];
    for (const url of [...this.stale]) {
      const shown = this.places().filter((place) => place.dataset.liveUrl === url);
      const until = this.rests.get(url) ?? 0;
      if (shown.length && until > now) resting.push(until - now);
      if (shown.length && (until > now || this.asked.has(url) || shown.some(busy))) continue;
      this.stale.delete(url);
      this.rests.set(url, now + REST);
      void this.ask(url, shown);
    }
    clearTimeout(this.waking);
    if (resting.length) this.waking = setTimeout(() => this.fetch(), Math.min(...resting));
  }
}

/** True while someone types, drags or chooses inside. */
function busy(place: HTMLElement): boolean {
  const focused = document.activeElement;
  const writing =
    !!focused && place.contains(focused) && focused.matches('input:not([type=checkbox]),textarea,select,[contenteditable]');
  const held = place.matches('[data-busy]') || !!place.closest('[data-busy]');
  return writing || held || !!place.querySelector('.editing,[data-busy],tbody .sel :checked,details.menu[open]');
}
