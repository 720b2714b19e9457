import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { post } from '../src/http';
import '../src/islands/once';

const tell = (elt: Element, name: string, detail: object) =>
  elt.dispatchEvent(new CustomEvent(name, { bubbles: true, cancelable: true, detail: { elt, ...detail } }));
const pressed = { verb: 'post', triggeringEvent: new Event('submit') };
const sent = (elt: Element) => tell(elt, 'htmx:beforeSend', { requestConfig: pressed });
const answered = (elt: Element, successful: boolean, requestConfig: object = pressed) =>
  tell(elt, 'htmx:afterRequest', { successful, requestConfig });
const token = () => document.querySelector<HTMLInputElement>('[name=one-time]')!.value;

describe('a press', () => {
  beforeEach(() => {
    document.body.innerHTML =
      '<form method="post" action="/x"><input name="one-time" value="a"><button>Pay</button><button type="button">Close</button></form>';
  });
  afterEach(() => {
    document.body.replaceChildren();
    vi.useRealTimers();
  });
  const form = () => document.querySelector('form')!;
  const disabled = () => [...document.querySelectorAll('button')].map((one) => one.getAttribute('aria-disabled'));

  it('is the only one while its answer is on its way', () => {
    expect(tell(form(), 'htmx:confirm', pressed)).toBe(true);
    sent(form());
    expect(disabled()).toEqual(['true', null]);
    expect(tell(form(), 'htmx:confirm', pressed)).toBe(false);
    // What asks by itself waits in htmx's own queue.
    expect(tell(form(), 'htmx:confirm', { verb: 'post', triggeringEvent: new Event('change') })).toBe(true);
    answered(form(), false);
    expect(disabled()).toEqual([null, null]);
    expect(tell(form(), 'htmx:confirm', pressed)).toBe(true);
  });
  it('keeps its token until it was answered, and then the form is another sending', () => {
    sent(form());
    answered(form(), false);
    expect(token()).toBe('a');
    answered(form(), true, { verb: 'post', triggeringEvent: new Event('change') });
    expect(token()).toBe('a');
    answered(form(), true);
    expect(token()).toMatch(/^[0-9a-f]{32}$/);
    const second = token();
    tell(form(), 'renewToken', {});
    expect(token()).not.toBe(second);
  });
  it('leaves the token out of what only looks', () => {
    const formData = new FormData(form());
    tell(form(), 'htmx:configRequest', { verb: 'post', triggeringEvent: new Event('change'), formData });
    expect(formData.has('one-time')).toBe(false);
    const whole = new FormData(form());
    tell(form(), 'htmx:configRequest', { ...pressed, formData: whole });
    expect(whole.get('one-time')).toBe('a');
  });
  it('of a form without htmx is taken once, until the page stands again', () => {
    vi.useFakeTimers();
    const press = () => form().dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }));
    expect(press()).toBe(true);
    expect(press()).toBe(false);
    vi.advanceTimersByTime(9000);
    expect(press()).toBe(true);
  });
  it('of a button outside forms has its token in a header, the same until it was answered', () => {
    document.body.innerHTML = '<button hx-post="/x">Done</button>';
    const button = document.querySelector('button')!;
    const click = { verb: 'post', triggeringEvent: new Event('click') };
    const ask = (request: object) => {
      const headers: Record<string, string> = {};
      tell(button, 'htmx:configRequest', { ...request, formData: new FormData(), headers });
      return headers['X-One-Time'];
    };
    const first = ask(click);
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    answered(button, false, click);
    expect(ask(click)).toBe(first);
    answered(button, true, click);
    expect(ask(click)).not.toBe(first);
    expect(ask({ verb: 'post', triggeringEvent: new Event('change') })).toBeUndefined();
    expect(ask({ verb: 'get', triggeringEvent: new Event('click') })).toBeUndefined();
  });
});

describe('what scripts post', () => {
  afterEach(() => vi.unstubAllGlobals());
  it('is one sending until it was answered, and another one then', async () => {
    const tokens: string[] = [];
    let isLost = true;
    vi.stubGlobal('fetch', (_: string, { headers }: { headers: Record<string, string> }) => {
      tokens.push(headers['X-One-Time'] ?? '');
      return isLost ? Promise.reject(new TypeError('lost')) : Promise.resolve(new Response());
    });
    await expect(post('/move', { card: '1' })).rejects.toThrow();
    isLost = false;
    await post('/move', { card: '1' });
    expect(tokens[1]).toBe(tokens[0]);
    // Pressed twice before the answer: one sending.
    await Promise.all([post('/undo', {}), post('/undo', {})]);
    expect(tokens[3]).toBe(tokens[2]);
    await post('/move', { card: '1' });
    expect(new Set(tokens).size).toBe(3);
    const form = new FormData();
    form.set('one-time', 'a');
    await post('/cell', form);
    expect(tokens.at(-1)).toBe('');
  });
  it('is the one whose answer was lost, whatever else was sent between', async () => {
    const tokens: string[] = [];
    let isLost = true;
    vi.stubGlobal('fetch', (_: string, { headers }: { headers: Record<string, string> }) => {
      tokens.push(headers['X-One-Time'] ?? '');
      return isLost ? Promise.reject(new TypeError('lost')) : Promise.resolve(new Response());
    });
    await expect(post('/lost', { card: '1' })).rejects.toThrow();
    isLost = false;
    await post('/lost', { card: '2' });
    await post('/lost', { card: '1' });
    expect(tokens[1]).not.toBe(tokens[0]);
    expect(tokens[2]).toBe(tokens[0]);
  });
  it('is another one with another file', async () => {
    const tokens: string[] = [];
    vi.stubGlobal('fetch', (_: string, { headers }: { headers: Record<string, string> }) => {
      tokens.push(headers['X-One-Time'] ?? '');
      return Promise.reject(new TypeError('lost'));
    });
    for (const name of ['a', 'b', 'a']) {
      const form = new FormData();
      form.set('file', new File(['x'], name, { lastModified: 1 }));
      await expect(post('/files', form)).rejects.toThrow();
    }
    expect(tokens[1]).not.toBe(tokens[0]);
    expect(tokens[2]).toBe(tokens[0]);
  });
});
