import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import htmx from '../src/htmx';
import { Live } from '../src/islands/live';

customElements.define('pv-live', Live);

const asked = vi.spyOn(htmx, 'ajax').mockImplementation(() => Promise.resolve());
const others = (object: string, ids: string[]) =>
  document.dispatchEvent(new CustomEvent('pv:changed', { detail: { object, ids } }));
const own = (object: string, ids: string[]) => document.dispatchEvent(new CustomEvent('changed', { detail: { object, ids } }));
const asks = async (ms: number) => {
  asked.mockClear();
  await vi.advanceTimersByTimeAsync(ms);
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

  it('is fetched once for many changes, and only where it is shown', async () => {
    others('deal', ['1']);
    others('deal', ['2']);
    expect(await asks(300)).toEqual(['/today']);
    others('person', ['7']);
    expect(await asks(10_000)).toEqual([]);
  });
  it('rests while others go on, and misses nothing', async () => {
    others('deal', ['1']);
    expect(await asks(300)).toEqual(['/today']);
    others('deal', ['7']);
    expect(await asks(300)).toEqual(['/deals/7']);
    others('deal', ['2']);
    expect(await asks(300)).toEqual([]);
    expect(await asks(5000)).toEqual(['/today']);
    expect(await asks(60_000)).toEqual([]);
  });
  it('misses no change that comes while a part is being replaced', async () => {
    others('deal', ['1']);
    await asks(300);
    others('deal', ['2']);
    const old = document.querySelector<HTMLElement>('[data-live-url="/today"]')!;
    old.replaceWith(old.cloneNode(true));
    expect(await asks(5000)).toEqual(['/today']);
  });
  it("shows one's own change that came while the answer to the one before was on its way", async () => {
    let answer = () => undefined as void;
    asked.mockImplementationOnce(() => new Promise<void>((done) => (answer = done)));
    others('deal', ['1']);
    expect(await asks(300)).toEqual(['/today']);
    own('deal', ['1']);
    expect(await asks(10_000)).toEqual([]);
    answer();
    expect(await asks(300)).toEqual(['/today']);
  });
  it('is not put where somebody began to write while it was on its way, but once they leave', async () => {
    const put = (shouldSwap = true) => {
      const part = document.querySelector<HTMLElement>('[data-live-url="/today"]')!;
      const detail = { target: part, requestConfig: { elt: part }, shouldSwap };
      part.dispatchEvent(new CustomEvent('htmx:beforeSwap', { detail, bubbles: true }));
      return detail.shouldSwap;
    };
    others('deal', ['1']);
    expect(await asks(300)).toEqual(['/today']);
    expect(put()).toBe(true);
    document.querySelector('[data-live-url="/today"]')!.append(document.createElement('input'));
    document.querySelector('input')!.focus();
    expect(put()).toBe(false);
    expect(await asks(10_000)).toEqual([]);
    document.querySelector('input')!.blur();
    expect(await asks(300)).toEqual(['/today']);
  });
  it('is spread over some time where every page would ask at once, and asked once', async () => {
    document.body.innerHTML += '<div data-live="warehouse" data-live-spread="20" data-live-url="/tile"></div>';
    const chance = vi.spyOn(Math, 'random').mockReturnValue(0.5);
    others('warehouse', []);
    others('warehouse', []);
    expect(await asks(9_900)).toEqual([]);
    expect(await asks(600)).toEqual(['/tile']);
    others('warehouse', []);
    expect(await asks(60_000)).toEqual(['/tile']);
    chance.mockRestore();
  });
  it("shows one's own change at once", async () => {
    others('deal', ['1']);
    await asks(300);
    own('deal', ['1']);
    expect(await asks(300)).toEqual(['/today']);
  });
});
