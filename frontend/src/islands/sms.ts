const BASIC = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
const EXTENDED = new Set('\f^{}\\[~]|€');

/** The parts that a text is charged as, and the letters that the last one still takes; as collaborative/sms/parts.py counts. */
export function countParts(text: string): { parts: number; left: number } {
  const letters = [...text];
  const isPlain = letters.every((c) => BASIC.has(c) || EXTENDED.has(c));
  const sizes = letters.map((c) => (isPlain ? (EXTENDED.has(c) ? 2 : 1) : c.length));
  const [single, several] = isPlain ? [160, 153] : [70, 67];
  const length = sizes.reduce((sum, size) => sum + size, 0);
  if (length <= single) return { parts: 1, left: single - length };
  let parts = 1;
  let used = 0;
  for (const size of sizes) {
    if (used + size > several) [parts, used] = [parts + 1, 0];
    used += size;
  }
  return { parts, left: several - used };
}

/** Has the output beside a text say what it counts as, while one types. */
export function count(area: HTMLTextAreaElement): void {
  const says = area.parentElement?.querySelector<HTMLElement>(`output[for="${area.id}"]`);
  if (!says) return;
  const number = new Intl.NumberFormat(document.documentElement.lang);
  area.addEventListener('input', () => {
    const { parts, left } = countParts(area.value);
    says.textContent = (says.dataset.says ?? '').replace('{parts}', number.format(parts)).replace('{left}', number.format(left));
  });
}
