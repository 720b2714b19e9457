// Runs before the first paint: the chosen theme and the width of the rail, from their cookies.
(() => {
  const read = (name: string) => document.cookie.match(`(?:^|; )${name}=(\\w+)`)?.[1];
  const root = document.documentElement;
  const theme = read('theme');
  root.dataset.theme =
    theme === 'light' || theme === 'dark' ? theme : matchMedia('(prefers-color-scheme:dark)').matches ? 'dark' : 'light';
  root.dataset.rail = read('rail') ?? 'wide';
})();
