"""The race as a picture: for each side its reads over time, the stale ones in red, the events."""

from typing import Final

from benchmarks import svg
from benchmarks.demo.race import Race
from benchmarks.demo.side import Side
from benchmarks.staleness.judge import judge

TITLE: Final = "Reads in each half second; red ones lacked a record acknowledged before"
WIDTH, LEFT, RIGHT, TOP = 860, 60, 20, 56
LANE, GAP, LINE = 120, 44, 20
STEP: Final = 0.5
GOOD, STALE, RULE = "#0b7a4b", "#d1242f", "#8a94a0"


def draw(race: Race) -> str:
    """Draw a lane for each side, and a numbered line for each event."""
    bottom = TOP + (LANE + GAP) * len(race.sides)
    parts = [svg.title(TITLE)]
    for number, one in enumerate(race.said, 1):
        x = LEFT + (WIDTH - LEFT - RIGHT) * min(1.0, one.second / race.seconds)
        parts.append(f'<path d="M{x:.1f} {TOP}V{bottom - GAP + 8}" stroke="{RULE}"/>')
        parts.append(svg.text(x, bottom - GAP + 24, str(number), "middle"))
        parts.append(
            svg.text(
                LEFT,
                bottom + 14 + LINE * number,
                f"{number}: {one.second:.1f} s, {one.text}",
                "start",
            )
        )
    for lane, side in enumerate(race.sides):
        parts += _lane(side, TOP + (LANE + GAP) * lane, race)
    return svg.document(WIDTH, bottom + 34 + LINE * len(race.said), parts)


def _lane(side: Side, top: float, race: Race) -> list[str]:
    steps = max(2, round(race.seconds / STEP))
    reads = side.history.reads
    slots = [
        judge(
            (read for read in reads if int((read.began - race.began) / STEP) == step),
            side.history.writes,
        )
        for step in range(steps)
    ]
    most = max(1, *(slot.reads for slot in slots))
    wide = (WIDTH - LEFT - RIGHT) / steps
    parts = [
        svg.text(LEFT, top - 6, side.title, "start"),
        svg.text(LEFT - 6, top + 12, f"{most:,}", "end"),
    ]
    for step, slot in enumerate(slots):
        x, base = LEFT + wide * step, top + LANE
        for count, colour in ((slot.reads, GOOD), (slot.stale, STALE)):
            high = LANE * count / most
            parts.append(
                f'<rect x="{x + 1:.1f}" y="{base - high:.1f}" width="{wide - 2:.1f}" '
                f'height="{high:.1f}" fill="{colour}"/>'
            )
    return parts
