import { along, at } from '../dom';

/** Shows the panel of a tab and hides those of its siblings. */
function select(tab: HTMLElement): void {
  const list = tab.closest('[role=tablist]');
  if (!list) return;
  for (const other of list.querySelectorAll<HTMLElement>('[role=tab]')) {
    const chosen = other === tab;
    other.setAttribute('aria-selected', String(chosen));
    other.tabIndex = chosen ? 0 : -1;
    const panel = document.getElementById(other.getAttribute('aria-controls') ?? '');
    // Tabs that share one panel load it by hx-get; only a panel of its own is hidden.
    if (panel && (chosen || panel.id !== tab.getAttribute('aria-controls'))) panel.hidden = !chosen;
  }
}

document.addEventListener('click', (event) => {
  const tab = at(event, '[role=tab]');
  if (tab) select(tab);
});
document.addEventListener('keydown', (event) => {
  const tab = at(event, '[role=tab]');
  const list = tab?.closest('[role=tablist]');
  if (!tab || !list) return;
  const tabs = [...list.querySelectorAll<HTMLElement>('[role=tab]')];
  const step = along(event.key, list);
  const next =
    event.key === 'Home' ? tabs[0] : event.key === 'End' ? tabs.at(-1) : step ? tabs.at((tabs.indexOf(tab) + step) % tabs.length) : null;
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.click();
});
