import { BarChart, FunnelChart, LineChart, PieChart, SankeyChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { type ECharts, init, use } from 'echarts/core';
import { LabelLayout } from 'echarts/features';
import { CanvasRenderer } from 'echarts/renderers';
import { local } from '../digits';
import { h } from '../dom';
import { along, DIRECT, height, keys, lies, type Look, type Mark, mixed, nearest, type Series, type Told, type Tone, top } from './along';

use([BarChart, FunnelChart, LineChart, PieChart, SankeyChart, GridComponent, LegendComponent, TooltipComponent, LabelLayout, CanvasRenderer]);

interface Pressed {
  event: MouseEvent;
}
interface Pointed {
  seriesIndex: number;
  dataIndex: number;
  dataType?: string;
}

/** How a series looks, beside its name. */
function sign(as: 'line' | 'place' | 'box', colour: string, dash: number[] = []): Element {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', as === 'line' ? '0 0 28 10' : '0 0 10 10');
  svg.setAttribute('class', `key-${as}`);
  const path = document.createElementNS(svg.namespaceURI, 'path');
  path.setAttribute('d', as === 'line' ? 'M0 5H28' : as === 'place' ? 'M5 0L10 5L5 10L0 5Z' : 'M0 0H10V10H0Z');
  path.setAttribute(as === 'line' ? 'stroke' : 'fill', colour);
  if (as === 'line') path.setAttribute('stroke-dasharray', dash.join(' '));
  svg.append(path);
  return svg;
}

/** Draws the figures of a page; a mark that is pressed opens its rows. */
export class Chart extends HTMLElement {
  private drawn?: ECharts;
  private told!: Told;
  private plot!: HTMLElement;
  private isLying = false;
  private readonly room = new ResizeObserver(() => this.resize());
  // The theme is an attribute of the page.
  private readonly theme = new MutationObserver(() => this.draw());

  connectedCallback(): void {
    this.told = JSON.parse(this.dataset.chart ?? '{}') as Told;
    // Persian letters are measured with the font that they are drawn with.
    void document.fonts.ready.then(() => {
      if (!this.isConnected) return;
      this.replaceChildren((this.plot = h('div', { class: 'plot' })));
      const drawn = (this.drawn = init(this.plot));
      drawn.on('click', (event) => this.follow(this.mark(event as unknown as Pointed), (event as unknown as { event: Pressed }).event.event));
      // A point of a line is small, and so is a low column: whatever is nearest is meant.
      drawn.getZr().on('click', (event) => {
        if (!event.target) this.follow(this.near(event.offsetX, event.offsetY), event.event as unknown as MouseEvent);
      });
      this.draw();
      this.room.observe(this);
      this.theme.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    });
  }

  disconnectedCallback(): void {
    this.room.disconnect();
    this.theme.disconnect();
    this.drawn?.dispose();
    this.drawn = undefined;
  }

  private mark({ seriesIndex, dataIndex, dataType }: Pointed): Mark | undefined {
    if (dataType === 'edge') return this.told.flows[dataIndex]?.mark;
    return this.told.series[seriesIndex]?.marks[dataIndex];
  }

  private near(x: number, y: number): Mark | undefined {
    const { kind, series } = this.told;
    const { drawn, isLying } = this;
    const isStacked = kind !== 'lines' && series.filter((one) => !one.is_line).length > 1;
    if (isStacked || !['lines', 'columns', 'bars'].includes(kind) || !drawn?.containPixel({ gridIndex: 0 }, [x, y])) return;
    const at = isLying ? drawn.convertFromPixel({ yAxisIndex: 0 }, y) : drawn.convertFromPixel({ xAxisIndex: 0 }, x);
    const of = nearest(series, at, (value, n) => {
      const isLine = series[n]?.is_line ?? false;
      if (isLine && kind !== 'lines') return Infinity;
      return isLying ? drawn.convertToPixel({ xAxisIndex: 0 }, value) - x : drawn.convertToPixel({ yAxisIndex: isLine ? 1 : 0 }, value) - y;
    });
    return of === undefined ? undefined : series[of]?.marks[at];
  }

  private follow(mark: Mark | undefined, { ctrlKey, metaKey }: MouseEvent): void {
    const url = mark?.url;
    if (!url) return;
    if (ctrlKey || metaKey) window.open(url, '_blank', 'noopener');
    else location.assign(url);
  }

  private resize(): void {
    this.draw();
    this.drawn?.resize();
  }

  private draw(): void {
    const look = this.look();
    const { kind } = this.told;
    const isWhole = kind === 'share' || kind === 'funnel' || kind === 'flow';
    const option = kind === 'flow' ? this.flow(look) : kind === 'curve' ? this.curve(look) : isWhole ? this.whole(look) : along(this.told, look);
    this.legend(look);
    this.isLying = lies(this.told, look);
    if (this.isLying) this.style.setProperty('block-size', `${height(this.told, look)}px`);
    else this.style.removeProperty('block-size');
    this.drawn?.setOption(
      {
        animation: !matchMedia('(prefers-reduced-motion: reduce)').matches,
        textStyle: look.font,
        tooltip: {
          confine: true,
          backgroundColor: look.colour('raised'),
          borderColor: look.colour('line-2'),
          textStyle: { ...look.font, color: look.colour('text') },
          trigger: isWhole ? 'item' : 'axis',
          axisPointer: { type: kind === 'lines' || kind === 'curve' ? 'line' : 'shadow', shadowStyle: { color: look.colour('text'), opacity: 0.05 } },
          // Elements, for a style in a text would break the policy.
          formatter: (pointed: Pointed | Pointed[]) => this.tip([pointed].flat()),
        },
        ...option,
      },
      true,
    );
  }

  /** Which series is which, beside the title; one that is pressed is left out, or comes back. */
  private legend(look: Look): void {
    this.querySelector('.chart-keys')?.remove();
    const { series, kind } = this.told;
    if (series.length < 2 || !['columns', 'lines', 'bars'].includes(kind)) return;
    const items = keys(this.told, look).map((key, at): HTMLElement => {
      const name = series[at]?.name ?? '';
      const button = h('button', { type: 'button', 'aria-pressed': 'true' }, sign(key.as, key.colour, key.dash), name);
      button.addEventListener('click', () => {
        button.setAttribute('aria-pressed', String(button.getAttribute('aria-pressed') === 'false'));
        this.drawn?.dispatchAction({ type: 'legendToggleSelect', name });
      });
      return button;
    });
    if (this.told.area) {
      items.push(h('span', { class: 'row g1' }, sign('box', mixed(look.colour('info-solid'), look.colour('surface'), 0.3)), this.told.area.name));
    }
    this.prepend(h('div', { class: 'chart-keys' }, ...items));
  }

  private look(): Look {
    const style = getComputedStyle(this);
    const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
    const font = { fontFamily: style.fontFamily, fontSize: 12, color: colour('text-2') };
    const tones = { '': 'accent', good: 'good-solid', bad: 'bad-solid', warn: 'warn-solid', info: 'info-solid', quiet: 'line-2' };
    const tint = (tone: Tone) => colour(tones[tone]);
    // A line upon columns of its own colour would not be seen.
    const isUpon = this.told.kind === 'columns' || this.told.kind === 'bars';
    const tone = (one: Series) => (one.is_line && isUpon && !one.tone ? colour('text-2') : tint(one.tone));
    const pen = document.createElement('canvas').getContext('2d');
    if (pen) pen.font = `12px ${style.fontFamily}`;
    const wide = (text: string) => pen?.measureText(text).width ?? 0;
    return { colour, font, isRtl: style.direction === 'rtl', tone, tint, room: this.plot.clientWidth, tall: this.plot.clientHeight, wide };
  }

  /** The parts of one whole: a ring, or a funnel. */
  private whole({ colour, font, tone, isRtl }: Look): Record<string, unknown> {
    const { kind, names, series } = this.told;
    const [one] = series;
    if (!one) return {};
    const data = one.marks.map((mark, at) => ({ value: mark.value ?? 0, name: names[at] ?? '', itemStyle: { color: mixed(tone(one), colour('surface'), Math.max(0.2, 1 - at * 0.11)), borderColor: colour('surface'), borderWidth: 2 } }));
    const label = { ...font, color: colour('text'), formatter: ({ dataIndex }: Pointed) => `${names[dataIndex] ?? ''}  ${one.marks[dataIndex]?.shown ?? ''}` };
    const own = kind === 'share' ? { type: 'pie', radius: ['52%', '78%'], label } : { type: 'funnel', sort: 'none', gap: 2, left: '5%', width: '90%', funnelAlign: isRtl ? 'right' : 'left', label: { ...label, position: 'inside' } };
    return { series: [{ ...own, name: one.name, data, cursor: 'pointer', labelLine: { lineStyle: { color: colour('line-2') } } }] };
  }

  /** What the first so many of a hundred bring together, from nothing to all. */
  private curve({ colour, font, tone }: Look): Record<string, unknown> {
    const { places, series } = this.told;
    const [one] = series;
    if (!one) return {};
    const axis = { type: 'value' as const, axisTick: { show: false }, axisLine: { lineStyle: { color: colour('line-2') } }, axisLabel: { ...font, formatter: (value: number) => local(String(value), document.documentElement.lang) } };
    return {
      grid: { left: 8, right: 16, top: 16, bottom: 4, containLabel: true },
      xAxis: { ...axis, min: 0, max: 100, splitLine: { show: false } },
      yAxis: { ...axis, max: top(one.marks), interval: 20, axisLine: { show: false }, splitLine: { lineStyle: { color: colour('line') } } },
      series: [
        { type: 'line', name: one.name, data: one.marks.map((mark, at) => [places[at] ?? 0, mark.value]), color: tone(one), showSymbol: false, lineStyle: { width: 2 }, areaStyle: { opacity: 0.13 }, cursor: 'default' },
        { type: 'line', data: [[0, 100], [100, 100]], color: colour('text-3'), showSymbol: false, silent: true, lineStyle: { width: 1, type: 'dashed' } },
      ],
    };
  }

  /** From the names of the earlier side to those of the later one, as time runs on every axis. */
  private flow({ colour, font, tint, room, wide }: Look): Record<string, unknown> {
    const { names, series, flows, tones } = this.told;
    const [one] = series;
    if (!one) return {};
    const sources = new Set(flows.map((each) => each.origin));
    const read = names.map((name, at) => `${name}  ${one.marks[at]?.shown ?? ''}`);
    // Where there is room names stand outside, and no stream runs behind them.
    const isOutside = room >= DIRECT;
    const beside = (isSource: boolean) => (isOutside ? Math.max(0, ...read.map((text, at) => (sources.has(at) === isSource ? wide(text) : 0))) * 1.15 + 12 : 4);
    const data = names.map((_name, at) => ({ name: String(at), itemStyle: { color: tint(tones[at] ?? ''), borderWidth: 0 }, label: { position: sources.has(at) === isOutside ? 'left' : 'right' } }));
    const links = flows.map(({ origin, target, mark }) => ({ source: String(origin), target: String(target), value: mark.value ?? 0 }));
    return {
      series: [{
        type: 'sankey', name: one.name, data, links, left: beside(true), right: beside(false), top: 8, bottom: 8, nodeWidth: 10, nodeGap: 14, layoutIterations: 0, draggable: false,
        cursor: one.marks.some((mark) => mark.url) ? 'pointer' : 'default',
        label: { ...font, color: colour('text'), formatter: ({ dataIndex }: Pointed) => read[dataIndex] ?? '' },
        lineStyle: { color: colour('text-3'), opacity: 0.22, curveness: 0.5 },
        labelLayout: { hideOverlap: true },
        emphasis: { focus: 'adjacency' },
      }],
    };
  }

  private tip(pointed: Pointed[]): HTMLElement {
    const [first] = pointed;
    const flow = first?.dataType === 'edge' ? this.told.flows[first.dataIndex] : undefined;
    const { names } = this.told;
    const name = flow ? `${names[flow.origin] ?? ''} ${getComputedStyle(this).direction === 'rtl' ? '←' : '→'} ${names[flow.target] ?? ''}` : (names[first?.dataIndex ?? 0] ?? '');
    const lines = pointed.flatMap((one) => {
      const mark = this.mark(one);
      return mark && mark.value !== null ? [h('div', { class: 'row g2' }, h('span', { class: 'grow' }, this.told.series[one.seriesIndex]?.name ?? ''), h('b', { class: 'num' }, mark.shown))] : [];
    });
    const { area } = this.told;
    const [low, high] = [area?.low[first?.dataIndex ?? -1], area?.high[first?.dataIndex ?? -1]];
    if (area && low?.value != null && high?.value != null) lines.push(h('div', { class: 'row g2' }, h('span', { class: 'grow' }, area.name), h('b', { class: 'num' }, h('bdi', {}, low.shown), ' – ', h('bdi', {}, high.shown))));
    return h('div', { class: 'chart-tip', dir: getComputedStyle(this).direction }, h('b', {}, name), ...lines);
  }
}
