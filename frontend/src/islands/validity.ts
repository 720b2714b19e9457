import { t } from '../strings';

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** What is wrong, in the reader's language: a browser speaks its own. */
function words({ validity, type }: Control): string {
  if (validity.valueMissing) return t(/^(radio|checkbox|select-)/.test(type) ? 'choose_one' : 'fill_in');
  if (validity.typeMismatch) return t(type === 'url' ? 'not_url' : 'not_mail');
  return t('not_fitting');
}

const said = new Set<Control>();
document.addEventListener(
  'invalid',
  (event) => {
    const control = event.target as Control;
    if (control.validity.customError) return;
    control.setCustomValidity(words(control));
    said.add(control);
  },
  true,
);
// Whatever is done next may have mended it: the browser judges anew.
for (const name of ['input', 'change', 'click', 'keydown'])
  document.addEventListener(
    name,
    () => {
      for (const control of said) control.setCustomValidity('');
      said.clear();
    },
    true,
  );
