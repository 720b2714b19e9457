import { BarChart, FunnelChart, LineChart, PieChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { type ECharts, init, use } from 'echarts/core';
import { LabelLayout } from 'echarts/features';
import { CanvasRenderer } from 'echarts/renderers';
import { h } from '../dom';

use([BarChart, FunnelChart, LineChart, PieChart, GridComponent, LegendComponent, TooltipComponent, LabelLayout, CanvasRenderer]);

/** What `peyvand.web.components.charts` tells. */
interface Mark {
  value: number | null;
  shown: string;
  url: string;
}
interface Series {
  name: string;
  marks: Mark[];
  tone: '' | 'good' | 'bad' | 'warn' | 'info' | 'quiet';
  is_line: boolean;
  beside: boolean;
}
interface Told {
  kind: 'columns' | 'lines' | 'bars' | 'share' | 'funnel';
  names: string[];
  series: Series[];
}
interface Look {
  colour: (name: string) => string;
  font: { fontFamily: string; fontSize: number; color: string };
  isRtl: boolean;
  tone: (one: Series) => string;
}
interface Pointed {
  seriesIndex: number;
  dataIndex: number;
}

/** Draws the figures of a page; a mark that is pressed opens its rows. */
export class Chart extends HTMLElement {
  private drawn?: ECharts;
  private told!: Told;
  private readonly room = new ResizeObserver(() => this.resize());
  // The theme is an attribute of the page.
  private readonly theme = new MutationObserver(() => this.draw());

  connectedCallback(): void {
    this.told = JSON.parse(this.dataset.chart ?? '{}') as Told;
    // Persian letters are measured with the font that they are drawn with.
    void document.fonts.ready.then(() => {
      if (!this.isConnected) return;
      const drawn = (this.drawn = init(this));
      drawn.on('click', (event) => this.follow(event as unknown as Pointed & { event: { event: MouseEvent } }));
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

  private mark({ seriesIndex, dataIndex }: Pointed): Mark | undefined {
    return this.told.series[seriesIndex]?.marks[dataIndex];
  }

  private follow(event: Pointed & { event: { event: MouseEvent } }): void {
    const url = this.mark(event)?.url;
    if (!url) return;
    const { ctrlKey, metaKey } = event.event.event;
    if (ctrlKey || metaKey) window.open(url, '_blank', 'noopener');
    else location.assign(url);
  }

  private resize(): void {
    this.drawn?.resize();
    this.draw();
  }

  private draw(): void {
    const look = this.look();
    const { kind } = this.told;
    const option = kind === 'share' || kind === 'funnel' ? this.whole(look) : this.along(look);
    this.drawn?.setOption(
      {
        animation: !matchMedia('(prefers-reduced-motion: reduce)').matches,
        textStyle: look.font,
        tooltip: {
          confine: true,
          backgroundColor: look.colour('raised'),
          borderColor: look.colour('line-2'),
          textStyle: { ...look.font, color: look.colour('text') },
          trigger: kind === 'share' || kind === 'funnel' ? 'item' : 'axis',
          axisPointer: { type: kind === 'lines' ? 'line' : 'shadow', shadowStyle: { color: look.colour('text'), opacity: 0.05 } },
          // Elements, for a style in a text would break the policy.
          formatter: (pointed: Pointed | Pointed[]) => this.tip([pointed].flat()),
        },
        ...option,
      },
      true,
    );
  }

  private look(): Look {
    const style = getComputedStyle(this);
    const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
    const font = { fontFamily: style.fontFamily, fontSize: 12, color: colour('text-2') };
    const tones = { '': 'accent', good: 'good-solid', bad: 'bad-solid', warn: 'warn-solid', info: 'info-solid', quiet: 'line-2' };
    return { colour, font, isRtl: style.direction === 'rtl', tone: (one) => colour(tones[one.tone]) };
  }

  /** Series of one tone are told apart by their shade, and lines by their dashes too. */
  private shade(at: number): number {
    const alike = this.told.series.filter((one, n) => n < at && one.tone === this.told.series[at]?.tone && !one.is_line).length;
    return Math.max(0.25, 1 - alike * 0.16);
  }

  /** Columns, bars and lines along an axis of names. */
  private along({ colour, font, isRtl, tone }: Look): Record<string, unknown> {
    const { kind, names, series } = this.told;
    const lies = kind === 'bars';
    const hasLine = series.some((one) => one.is_line);
    const isAlone = series.filter((one) => !one.is_line).length === 1;
    // Where columns stand close, what they come to is read by pointing, or in the table.
    const hasRoom = isAlone && (lies || this.clientWidth / names.length > 80);
    const value = (isOwn: boolean) => ({
      type: 'value' as const,
      ...(lies ? { inverse: isRtl } : { position: isRtl === isOwn ? ('left' as const) : ('right' as const) }),
      axisLabel: { show: false },
      splitLine: { show: !isOwn, lineStyle: { color: colour('line') } },
      ...(isOwn ? { min: 0 } : {}),
    });
    const category = {
      type: 'category' as const,
      data: names,
      inverse: lies || isRtl,
      ...(lies ? { position: isRtl ? 'right' : 'left' } : {}),
      boundaryGap: kind !== 'lines',
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colour('line-2') } },
      axisLabel: { ...font, hideOverlap: true, width: lies ? Math.min(160, this.clientWidth / 3) : Math.max(48, this.clientWidth / names.length - 8), overflow: 'truncate' },
    };
    const values = hasLine && !lies ? [value(false), value(true)] : value(false);
    const legend = { show: series.length > 1, type: 'scroll', data: (isRtl ? [...series].reverse() : series).map((one) => one.name), bottom: 0, [isRtl ? 'right' : 'left']: 0, icon: 'roundRect', itemWidth: 10, itemHeight: 10, textStyle: font, align: isRtl ? 'right' : 'left' };
    const round = lies ? (isRtl ? [4, 0, 0, 4] : [0, 4, 4, 0]) : [4, 4, 0, 0];
    return {
      legend,
      grid: { left: 8, right: 8, top: 24, bottom: series.length > 1 ? 32 : 4, containLabel: true },
      xAxis: lies ? values : category,
      yAxis: lies ? category : values,
      series: series.map((one, at) => {
        const data = one.marks.map((mark) => mark.value);
        const cursor = one.marks.some((mark) => mark.url) ? 'pointer' : 'default';
        if (one.is_line || kind === 'lines')
          return { type: 'line', name: one.name, yAxisIndex: one.is_line && hasLine ? 1 : 0, data, color: tone(one), cursor, symbolSize: 7, connectNulls: true, showSymbol: names.length < 40, lineStyle: { width: 2, opacity: this.shade(at), type: (['solid', 'dashed', 'dotted'] as const)[at % 3] }, triggerLineEvent: true };
        return {
          type: 'bar',
          name: one.name,
          stack: one.beside ? 'before' : 'all',
          data,
          color: tone(one),
          barMaxWidth: 44,
          itemStyle: { borderRadius: isAlone ? round : 0, opacity: this.shade(at) },
          cursor,
          label: { show: hasRoom, position: lies ? (isRtl ? 'left' : 'right') : 'top', ...font, formatter: ({ dataIndex }: Pointed) => (one.marks[dataIndex]?.value ? (one.marks[dataIndex]?.shown ?? '') : '') },
          labelLayout: { hideOverlap: true },
        };
      }),
    };
  }

  /** The parts of one whole: a ring, or a funnel. */
  private whole({ colour, font, tone, isRtl }: Look): Record<string, unknown> {
    const { kind, names, series } = this.told;
    const [one] = series;
    if (!one) return {};
    const data = one.marks.map((mark, at) => ({ value: mark.value ?? 0, name: names[at] ?? '', itemStyle: { color: tone(one), opacity: Math.max(0.2, 1 - at * 0.11), borderColor: colour('pane'), borderWidth: 2 } }));
    const label = { ...font, color: colour('text'), formatter: ({ dataIndex }: Pointed) => `${names[dataIndex] ?? ''}  ${one.marks[dataIndex]?.shown ?? ''}` };
    const own = kind === 'share' ? { type: 'pie', radius: ['52%', '78%'], label } : { type: 'funnel', sort: 'none', gap: 2, left: '5%', width: '90%', funnelAlign: isRtl ? 'right' : 'left', label: { ...label, position: 'inside' } };
    return { series: [{ ...own, name: one.name, data, cursor: 'pointer', labelLine: { lineStyle: { color: colour('line-2') } } }] };
  }

  private tip(pointed: Pointed[]): HTMLElement {
    const name = this.told.names[pointed[0]?.dataIndex ?? 0] ?? '';
    const lines = pointed.flatMap((one) => {
      const mark = this.mark(one);
      return mark && mark.value !== null ? [h('div', { class: 'row g2' }, h('span', { class: 'grow' }, this.told.series[one.seriesIndex]?.name ?? ''), h('b', { class: 'num' }, mark.shown))] : [];
    });
    return h('div', { class: 'chart-tip', dir: getComputedStyle(this).direction }, h('b', {}, name), ...lines);
  }
}
