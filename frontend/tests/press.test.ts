import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { pressed } from '../src/press';

// jsdom has no pointer events: what is read of one is a mouse event's and its kind.
function pointer(name: string, x: number, y: number, kind = 'touch'): PointerEvent {
  const event = new MouseEvent(name, { clientX: x, clientY: y, bubbles: true });
  return Object.assign(event, { pointerType: kind }) as unknown as PointerEvent;
}

function press(kind = 'touch'): { takes: ReturnType<typeof vi.fn<() => void>> } {
  const takes = vi.fn<() => void>();
  document.body.addEventListener('pointerdown', (event) => pressed(event, takes), { once: true });
  document.body.dispatchEvent(pointer('pointerdown', 50, 50, kind));
  return { takes };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('a mouse carries at once, a finger when it has rested', () => {
  expect(press('mouse').takes).toHaveBeenCalledOnce();
  const { takes } = press();
  document.dispatchEvent(pointer('pointermove', 56, 54));
  expect(takes).not.toHaveBeenCalled();
  vi.advanceTimersByTime(400);
  expect(takes).toHaveBeenCalledOnce();
});

it.each([
  ['one that moves on scrolls', 'pointermove'],
  ['one that is lifted taps', 'pointerup'],
  ['one whose scrolling began scrolls', 'pointercancel'],
  ['two fingers zoom', 'pointerdown'],
])('%s', (_says, name) => {
  const { takes } = press();
  document.dispatchEvent(pointer(name, 50, 80));
  vi.advanceTimersByTime(400);
  expect(takes).not.toHaveBeenCalled();
});
