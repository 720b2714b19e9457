import { fold } from '../digits';
import { at } from '../dom';
import { t } from '../strings';
import { toast } from './toast';

document.addEventListener('click', (event) => {
  const copy = at(event, '[data-copy]')?.dataset.copy;
  if (copy) {
    const source = copy.startsWith('#') ? document.querySelector(copy) : null;
    const text = source instanceof HTMLInputElement ? source.value : (source?.textContent ?? copy);
    void navigator.clipboard.writeText(text.trim()).then(() => toast({ text: t('copied'), kind: 'good' }));
  }
  const reveal = at(event, '[data-reveal]');
  const secret = reveal && document.querySelector<HTMLInputElement>(reveal.dataset.reveal ?? '');
  if (secret) {
    secret.type = secret.type === 'password' ? 'text' : 'password';
    reveal.setAttribute('aria-pressed', String(secret.type === 'text'));
  }
});
document.addEventListener('change', (event) => {
  at<HTMLInputElement>(event, '[data-autosubmit]')?.form?.requestSubmit();
});
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.defaultPrevented) return;
  // Of the form one is in; in a dialog, of the dialog's.
  const form = at<HTMLFormElement>(event, 'form') ?? document.querySelector<HTMLFormElement>('dialog[open] form');
  if (form?.method !== 'post') return;
  event.preventDefault();
  form.requestSubmit(form.querySelector<HTMLButtonElement>('button.primary:not([type=button])'));
});
// A record's page that is swapped in from elsewhere is marked in the menu as well.
document.addEventListener('htmx:pushedIntoHistory', () => {
  const links = [...document.querySelectorAll<HTMLAnchorElement>('.rail .nav a[href]')];
  const here = links
    .filter((link) => link.pathname.endsWith('/') && location.pathname.startsWith(link.pathname))
    .sort((a, b) => b.pathname.length - a.pathname.length)[0];
  // Where no entry leads there but the first page, what is marked stays.
  if (!here || here.pathname.split('/').length < 5) return;
  for (const link of links) link.removeAttribute('aria-current');
  here.setAttribute('aria-current', 'page');
});
document.addEventListener('change', (event) => {
  const input = at<HTMLInputElement>(event, '.dropfile input[type=file]');
  const said = input?.closest('.dropfile')?.querySelector('span');
  if (said && input?.files?.length) said.textContent = Array.from(input.files, (file) => file.name).join(' · ');
});
for (const name of ['dragover', 'dragleave', 'drop'])
  document.addEventListener(name, (event) => {
    const box = at(event, '.dropfile');
    const input = box?.querySelector<HTMLInputElement>('input[type=file]');
    const files = (event as DragEvent).dataTransfer?.files;
    if (!box || !input) return;
    event.preventDefault();
    box.classList.toggle('over', name === 'dragover');
    if (name !== 'drop' || !files?.length) return;
    input.files = files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
  });
document.addEventListener('input', (event) => {
  const input = at<HTMLInputElement>(event, '[data-narrow]');
  const wanted = fold(input?.value ?? '');
  if (input?.parentElement)
    for (const item of input.parentElement.querySelectorAll<HTMLElement>('.mi'))
      (item.closest('li') ?? item).hidden = !fold(item.textContent ?? '').includes(wanted);
});
