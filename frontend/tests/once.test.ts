import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
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
});
