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
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
  const form = at<HTMLTextAreaElement>(event, 'textarea')?.form;
  if (!form) return;
  event.preventDefault();
  form.requestSubmit();
});
// On a phone the settings are a strip of tabs: the one that is open is brought into sight.
const open = document.querySelector<HTMLElement>('.settings>.nav [aria-current]');
if (open?.parentElement) open.parentElement.scrollLeft = open.offsetLeft - (open.parentElement.clientWidth - open.offsetWidth) / 2;
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
