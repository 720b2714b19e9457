/** What `peyvand.web.components.charts` tells, and how its columns, bars and lines are laid out. Nothing here draws. */
export interface Mark {
  value: number | null;
  shown: string;
  url: string;
}
export type Tone = '' | 'good' | 'bad' | 'warn' | 'info' | 'quiet';
export interface Series {
  name: string;
  marks: Mark[];
  tone: Tone;
  is_line: boolean;
  beside: boolean;
}
export interface Scale {
  low: number;
  step: number;
  says: string[];
  unit: string;
}
export interface Told {
  kind: 'columns' | 'lines' | 'bars' | 'share' | 'funnel' | 'curve' | 'flow';
  names: string[];
  series: Series[];
  places: number[];
  flows: { origin: number; target: number; mark: Mark }[];
  tones: Tone[];
  scales: Scale[];
  is_time: boolean;
}
/** The page's colours and letters, and the room that there is; `wide` measures a text. */
export interface Look {
  colour: (name: string) => string;
  font: { fontFamily: string; fontSize: number; color: string };
  isRtl: boolean;
  tone: (one: Series) => string;
  tint: (tone: Tone) => string;
  room: number;
  wide: (text: string) => number;
}

/** Of one tone, the later are told apart by their shade … */
const SHADES = [1, 0.68, 0.42, 0.84, 0.54, 0.28];
/** … and lines by their dashes too. */
const DASHES = [[], [7, 4], [2, 3], [12, 4, 2, 4], [7, 3, 2, 3, 2, 3], [1, 5]];
const BAR = 24;
const LEAST = 272;
const WIDEST = 44;

/** One colour mixed into another, both as #rrggbb or #rgb; what is not such is left as it is. */
export function mixed(colour: string, ground: string, share: number): string {
  const parts = (text: string) =>
    /^#(?:([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})|([0-9a-f])([0-9a-f])([0-9a-f]))$/i.exec(text)?.slice(1).flatMap((part) => (part ? [parseInt(part.padEnd(2, part), 16)] : []));
  const [over, under] = [parts(colour), parts(ground)];
  if (!over || !under) return colour;
  return `#${over.map((value, n) => Math.round(value * share + (under[n] ?? 0) * (1 - share)).toString(16).padStart(2, '0')).join('')}`;
}

/** Whether the chart is drawn as bars that lie: asked so, or the names of its columns have no room beside each other. */
export function lies({ kind, names, series, is_time }: Told, { room, wide }: Look): boolean {
  if (kind !== 'columns') return kind === 'bars';
  return !is_time && !series.some((one) => one.is_line) && names.some((name) => wide(name) > room / names.length - 8);
}

/** How high the chart is: bars need room one beneath the other. */
export function height(told: Told, look: Look): number {
  if (!lies(told, look)) return LEAST;
  const rows = wraps(told, look) ? BAR + 12 : BAR;
  return Math.max(told.names.length > 5 ? LEAST : 160, told.names.length * rows * (told.series.some((one) => one.beside) ? 1.4 : 1) + 56);
}

const least = (room: number) => Math.min(208, room * 0.38);
// A little more than is measured: the page's own letters may come later than the chart.
const longest = ({ names }: Told, { wide }: Look) => Math.ceil(Math.max(0, ...names.map(wide)) * 1.15);
const wraps = (told: Told, look: Look) => longest(told, look) > least(look.room);

/** The mark nearest to a place among the values of one name: of which series. */
export function nearest(series: Series[], at: number, distance: (value: number, of: number) => number): number | undefined {
  let [best, found] = [Infinity, -1];
  series.forEach((one, n) => {
    const value = one.marks[at]?.value;
    if (value == null) return;
    const far = Math.abs(distance(value, n));
    if (far < best) [best, found] = [far, n];
  });
  return found < 0 ? undefined : found;
}

/** Whether the last value of a line lies so near to that of a line before it that both could not be read. */
export function isHidden({ series, scales }: Told, at: number): boolean {
  const last = (one: Series) => one.marks.findLast((mark) => mark.value !== null)?.value ?? Infinity;
  const [scale] = scales;
  if (!scale || !series[at]) return false;
  const room = 0.08 * scale.step * (scale.says.length - 1);
  return series.slice(0, at).some((one) => Math.abs(last(one) - last(series[at] as Series)) < room);
}

/** How each series is told from the others: its colour, how it is drawn, and the dashes of a line. */
export function keys({ kind, series, is_time }: Told, { colour, tone }: Look): { colour: string; as: 'line' | 'place' | 'box'; dash: number[] }[] {
  const shades = new Map<Tone, number>();
  return series.map((one, at) => {
    const alike = shades.get(one.tone) ?? 0;
    if (!one.is_line) shades.set(one.tone, alike + 1);
    const isLine = one.is_line || kind === 'lines';
    return {
      colour: mixed(tone(one), colour('surface'), one.is_line ? 1 : (SHADES[alike % SHADES.length] ?? 1)),
      as: !isLine ? 'box' : one.is_line && !is_time ? 'place' : 'line',
      dash: DASHES[at % DASHES.length] ?? [],
    };
  });
}

/** Columns, bars and lines along an axis of names, as ECharts is told. */
export function along(told: Told, look: Look): Record<string, unknown> {
  const { kind, names, series, scales, is_time } = told;
  const { colour, font, room } = look;
  // Time runs as on the axes of a schoolbook; all else follows the reading.
  const isRtl = look.isRtl && kind !== 'lines' && !is_time;
  const isLying = lies(told, look);
  const hasLine = !isLying && series.some((one) => one.is_line);
  const columns = series.filter((one) => !one.is_line).length;
  // Where columns stand close, what they come to is read by the axis, by pointing, or in the table.
  const hasRoom = columns === 1 && (isLying || room / names.length > 80);
  const fits = series.every((one) => one.is_line || one.marks.every((mark) => look.wide(mark.shown) <= WIDEST));
  const isLabelled = hasRoom && kind !== 'lines' && (!hasLine || fits);
  const value = (isOwn: boolean) => {
    const scale = scales[isOwn ? 1 : 0];
    const says = (read: number) => scale?.says[Math.round((read - scale.low) / scale.step)] ?? '';
    return {
      type: 'value' as const,
      ...(isLying ? { inverse: isRtl, position: 'bottom' as const } : { position: isRtl === isOwn ? ('left' as const) : ('right' as const) }),
      ...(scale ? { min: scale.low, max: scale.low + scale.step * (scale.says.length - 1), interval: scale.step } : isOwn ? { min: 0 } : {}),
      axisLabel: { show: Boolean(scale) && !(isLying && isLabelled), ...font, formatter: says, hideOverlap: true },
      name: scale && !(isLying && isLabelled) ? scale.unit : '',
      nameLocation: 'end' as const,
      nameGap: isLying ? 6 : 10,
      nameTextStyle: { ...font, align: isLying ? 'center' : isRtl === isOwn ? 'left' : 'right' },
      splitLine: { show: !isOwn && !(isLying && isLabelled), lineStyle: { color: colour('line') } },
    };
  };
  const isTight = !isLying && !is_time && kind !== 'lines' && names.some((name) => look.wide(name) > room / names.length - 8);
  const category = {
    type: 'category' as const,
    data: names,
    inverse: isLying || isRtl,
    ...(isLying ? { position: isRtl ? 'right' : 'left' } : {}),
    boundaryGap: kind !== 'lines',
    axisTick: { show: false },
    axisLine: { onZero: true, lineStyle: { color: colour('line-2') } },
    // Names are read whole: of those that have no room, some are left out.
    axisLabel: { ...font, ...(isLying ? { interval: 0, width: Math.min(least(room), longest(told, look) + 4), overflow: 'break', lineHeight: 15 } : isTight ? { rotate: isRtl ? -40 : 40, hideOverlap: true } : { hideOverlap: true, ...(kind === 'lines' ? { alignMinLabel: 'left', alignMaxLabel: 'right' } : {}) }) },
  };
  const values = hasLine ? [value(false), value(true)] : value(false);
  const round = isLying ? (isRtl ? [4, 0, 0, 4] : [0, 4, 4, 0]) : [4, 4, 0, 0];
  const hasUnit = scales.some((one) => one.unit);
  const keyed = keys(told, look);
  return {
    // Drawn beside the title, by the page (keys).
    legend: { show: false },
    grid: { left: 8, right: isLabelled && isLying && !isRtl ? 72 : 8, ...(isLabelled && isLying && isRtl ? { left: 72 } : {}), top: hasUnit && !isLying ? 28 : 16, bottom: 4, containLabel: true },
    xAxis: isLying ? values : category,
    yAxis: isLying ? category : values,
    series: series.map((one, at) => {
      const isLine = one.is_line || kind === 'lines';
      const colours = keyed[at]?.colour;
      const cursor = one.marks.some((mark) => mark.url) ? 'pointer' : 'default';
      const last = one.marks.map((mark) => mark.value !== null).lastIndexOf(true);
      const read = { ...font, formatter: ({ dataIndex }: { dataIndex: number }) => one.marks[dataIndex]?.shown ?? '' };
      if (isLine)
        return {
          type: 'line',
          name: one.name,
          yAxisIndex: one.is_line && hasLine ? 1 : 0,
          data: one.marks.map((mark, n) => (n === last && is_time && !isHidden(told, at) ? { value: mark.value, label: { show: true, position: 'top', align: n > 0 ? 'right' : 'left', ...read, color: colour('text') } } : mark.value)),
          color: colours,
          cursor,
          // What is in no order is not joined: only its places are shown.
          symbol: one.is_line && !is_time ? 'diamond' : 'circle',
          symbolSize: one.is_line && !is_time ? 10 : 6,
          showSymbol: names.length < 40,
          lineStyle: one.is_line && !is_time ? { width: 0 } : { width: 2, type: keyed[at]?.dash.length ? keyed[at].dash : 'solid' },
          labelLayout: { moveOverlap: 'shiftY' },
          triggerLineEvent: true,
        };
      return {
        type: 'bar',
        name: one.name,
        stack: one.beside ? `beside${at}` : 'all',
        data: one.marks.map((mark) => mark.value),
        color: colours,
        barMaxWidth: isLying ? 20 : WIDEST,
        itemStyle: { borderRadius: columns === 1 ? round : 0 },
        cursor,
        // Above the columns are the places of what has an axis of its own.
        label: { show: isLabelled, ...read, ...(hasLine ? { position: 'insideBottom', color: colour('on-accent') } : { position: isLying ? (isRtl ? 'left' : 'right') : 'top' }) },
        labelLayout: { hideOverlap: true },
      };
    }),
  };
}
