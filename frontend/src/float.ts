/** Lays a panel beside an anchor in the top layer, below it where there is room, inside the window always. */
export function place(panel: HTMLElement, anchor: Element, edge: 'start' | 'end' = 'start', width = false): void {
  panel.popover = 'manual';
  if (!panel.matches(':popover-open')) panel.showPopover();
  const rtl = getComputedStyle(anchor).direction === 'rtl';
  const box = anchor.getBoundingClientRect();
  if (width) panel.style.setProperty('inline-size', `${Math.max(box.width, 224)}px`);
  const { width: w, height: hgt } = panel.getBoundingClientRect();
  const atLeft = (edge === 'start') !== rtl;
  const x = Math.min(Math.max(4, atLeft ? box.left : box.right - w), Math.max(4, innerWidth - w - 4));
  const below = box.bottom + 4;
  const y = below + hgt > innerHeight && box.top - 4 - hgt > 0 ? box.top - 4 - hgt : below;
  panel.style.setProperty('inset-block-start', `${y}px`);
  panel.style.setProperty('inset-inline-start', `${rtl ? innerWidth - x - w : x}px`);
}

/** Takes a placed panel away. */
export const lift = (panel: HTMLElement): void => {
  if (panel.matches(':popover-open')) panel.hidePopover();
};
