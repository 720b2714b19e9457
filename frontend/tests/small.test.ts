import { expect, test } from 'vitest';
import '../src/islands/small';

function pressed(html: string, focused: string): string {
  document.body.innerHTML = html;
  let by = '';
  document.addEventListener('submit', (event) => {
    event.preventDefault();
    by = (event.submitter as HTMLButtonElement | null)?.value ?? 'none';
  }, { once: true });
  document.querySelector(focused)?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true, bubbles: true, cancelable: true }));
  return by;
}

const FORM = '<form method="post"><input name="a"><button name="do" value="check">1</button><button class="primary" name="do" value="save">2</button></form>';

test('Ctrl+Enter saves the form one is in, by its first button', () => {
  expect(pressed(FORM, 'input')).toBe('save');
});

test('in a dialog it need not be a field that has the focus', () => {
  expect(pressed(`<dialog open><b tabindex="0"></b>${FORM}</dialog>`, 'b')).toBe('save');
});

test('what is only looked for is no form to be saved', () => {
  expect(pressed('<form method="get"><input></form>', 'input')).toBe('');
});

test('the menu marks where one was taken to', () => {
  document.body.innerHTML = '<nav class="rail"><div class="nav"><a href="/w/a/">T</a><a href="/w/a/quotes/" aria-current="page">Q</a><a href="/w/a/invoices/">I</a></div></nav>';
  history.pushState({}, '', '/w/a/invoices/7/');
  document.dispatchEvent(new CustomEvent('htmx:pushedIntoHistory'));
  expect([...document.querySelectorAll('[aria-current]')].map((link) => link.textContent)).toEqual(['I']);
  history.pushState({}, '', '/w/a/settings/x');
  document.dispatchEvent(new CustomEvent('htmx:pushedIntoHistory'));
  expect([...document.querySelectorAll('[aria-current]')].map((link) => link.textContent)).toEqual(['I']);
});
