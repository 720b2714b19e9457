import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import htmx from '../src/htmx';
import { Live } from '../src/islands/live';

customElements.define('pv-live', Live);

const asked = vi.spyOn(htmx, 'ajax').mockImplementation(() => Promise.resolve());
const others = (object: string, ids: string[]) =>
  document.dispatchEvent(new CustomEvent('pv:changed', { detail: { object, ids } }));
const own = (object: string, ids: string[]) => document.dispatchEvent(new CustomEvent('changed', { detail: { object, ids } }));
const asks = (ms: number) => {
  asked.mockClear();
  vi.advanceTimersByTime(ms);
  return asked.mock.calls.map(([, url]) => url);
};

describe('what follows changes', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    document.body.innerHTML =
      '<pv-live></pv-live><div data-live="deal" data-live-url="/today"></div><div data-live="deal:7" data-live-url="/deals/7"></div>';
  });
  afterEach(() => {
    document.body.replaceChildren();
    vi.useRealTimers();
  });

  it('is fetched once for many changes, and only where it is shown', () => {
    others('deal', ['1']);
    others('deal', ['2']);
    expect(asks(300)).toEqual(['/today']);
    others('person', ['7']);
    expect(asks(10_000)).toEqual([]);
  });
  it('rests while others go on, and misses nothing', () => {
    others('deal', ['1']);
    expect(asks(300)).toEqual(['/today']);
    others('deal', ['7']);
    expect(asks(300)).toEqual(['/deals/7']);
    others('deal', ['2']);
    expect(asks(300)).toEqual([]);
    expect(asks(5000)).toEqual(['/today']);
    expect(asks(60_000)).toEqual([]);
  });
  it('misses no change that comes while a part is being replaced', () => {
    others('deal', ['1']);
    asks(300);
    others('deal', ['2']);
    const old = document.querySelector<HTMLElement>('[data-live-url="/today"]')!;
    old.replaceWith(old.cloneNode(true));
    expect(asks(5000)).toEqual(['/today']);
  });
  it("shows one's own change at once", () => {
    others('deal', ['1']);
    asks(300);
    own('deal', ['1']);
    expect(asks(300)).toEqual(['/today']);
  });
});
