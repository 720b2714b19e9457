"""What only deals need: stages by name within their pipeline, products as lines, dates that mean one thing or another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from peyvand.integrations.transfer.drafts import LINES, Draft
from peyvand.integrations.transfer.heads import LOST, WON, plain
from peyvand.integrations.transfer.journal import Journal
from peyvand.integrations.transfer.links import SEVERAL, Links, invalid_word
from peyvand.integrations.transfer.mapping import Shape
from peyvand.integrations.transfer.reading import Table
from peyvand.integrations.transfer.writing import Tally
from peyvand.kernel.errors import Invalid, PeyvandError, msg
from peyvand.kernel.numbers import parse_number
from peyvand.kernel.persian.text import compact
from peyvand.operational.sales.public import Deal, Pipeline, Stage, line
from peyvand.platform.access.decisions import decide
from peyvand.platform.fields.types import Money

# A stage that the workspace does not know is taken for a stage of the business, not for a slip of the pen,
# when so many rows name it. Only before the first deal is there, and where the actor may create stages.
_ROWS: Final = 5
_SHARE: Final = 0.01


class Deals:
    """The deals of one table."""

    def begin(self, table: Table, shape: Shape, links: Links) -> Shape:
        """Learn the stages; create those of the file that the mapping, or their number, says belong to the business."""
        self.links, self.shape = links, shape
        self.headers = {c.target: c.header for c in reversed(shape.columns)}
        self.has_close = shape.has("closed_on")
        self.pipelines = {compact(name): id for id, name in _pipelines()}
        self.default = next((id for id, _ in _pipelines()), None)
        self._learn()
        missing = self._unknown_stages(table)
        if missing and self.default is not None:
            self._create_stages(missing)
        return replace(shape, create=shape.create - {"stage"})

    def complete(self, drafts: Sequence[Draft]) -> None:
        """Stages, closing dates and lines."""
        for draft in drafts:
            self._stage(draft)
        words = {word for draft in drafts if draft.refusal is None for word in _products(draft)}
        products = self.links.find("product", words)
        missing = words - products.keys()
        if missing and "product" in self.shape.create:
            self.links.create("product", sorted(missing))
            products = self.links.find("product", words)
        for draft in drafts:
            if draft.refusal is None and LINES in draft.values:
                self._lines(draft, products)

    def write(self, drafts: Sequence[Draft], tally: Tally, journal: Journal) -> None:
        """As usual."""

    def _learn(self) -> None:
        rows = Stage.objects.filter(deleted_at__isnull=True).order_by("position", "id")
        self.stages: list[tuple[int, int, str, str]] = [
            (s.id, s.pipeline_id, compact(s.name), s.kind) for s in rows
        ]
        self.kinds = {id: kind for id, _, _, kind in self.stages}

    def _unknown_stages(self, table: Table) -> list[str]:
        column = next((c for c in self.shape.columns if c.target == "stage"), None)
        if column is None or not decide(self.links.ctx.actor, "stage.create"):
            return []
        meant, counts = self.shape.values.get(column.header, {}), Counter[str]()
        for row in table.rows():
            if row.problem is None and (cell := str(row.cells[column.index]).strip()):
                counts[meant.get(plain(cell), cell)] += 1
        self._named = {compact(word) for word in counts}
        unknown = [word for word in counts if self._stage_named(word, self.default) is None]
        if "stage" in self.shape.create:
            return unknown
        if not unknown or Deal.objects.exists():
            return []
        enough = max(_ROWS, counts.total() * _SHARE)
        return [word for word in unknown if counts[word] >= enough]

    def _create_stages(self, names: Sequence[str]) -> None:
        """New stages stand behind the last stage of the pipeline that the file names too, else at its beginning."""
        open_ = list(
            Stage.objects.filter(pipeline_id=self.default, kind="open", deleted_at__isnull=True).order_by(
                "position", "id"
            )
        )
        before = [s for s in open_ if compact(s.name) in self._named]
        position = before[-1].position if before else open_[0].position if open_ else 0
        probability = before[-1].probability if before else open_[0].probability if open_ else 50
        self.links.create(
            "stage",
            names,
            lambda name: {
                "pipeline": self.default,
                "position": position,
                "probability": probability,
                "kind": "open",
            },
        )
        self._learn()

    def _stage(self, draft: Draft) -> None:
        values = draft.values
        pipeline = self.default
        if word := values.pop("pipeline", ""):
            pipeline = self.pipelines.get(compact(word))
            if pipeline is None:
                draft.refuse(
                    msg("There is no pipeline “%(name)s”.", name=word),
                    self.headers.get("pipeline", ""),
                    "unknown_pipeline",
                )
                return
        if word := values.pop("stage", ""):
            stage = self._stage_named(word, pipeline)
            if stage is None:
                draft.refuse(
                    msg("There is no stage “%(name)s”.", name=word),
                    self.headers.get("stage", ""),
                    "unknown_stage",
                )
                return
            values["stage"] = stage
        elif draft.record is None and pipeline is not None:
            values["pipeline"] = pipeline
        kind = self.kinds.get(values.get("stage", draft.record.stage_id if draft.record else 0), "open")
        if kind == "open" and "closed_on" in values:
            # Of a deal that has not ended, the day of its end is a hope.
            day = values.pop("closed_on")
            values.setdefault("expected_on", day)
        elif kind != "open" and self.has_close and "closed_on" not in values and draft.record is None:
            draft.refuse(
                msg("A deal that has ended has a closing date."),
                self.headers.get("closed_on", ""),
                "required",
            )

    def _stage_named(self, word: str, pipeline: int | None) -> int | None:
        """The stage of this name: in the pipeline, else the end it means there, else in the one other pipeline that has it."""
        name, sign = compact(word), plain(word)
        here = [s for s in self.stages if s[1] == pipeline]
        for id, _, title, _ in here:
            if title == name:
                return id
        end = "won" if sign in WON else "lost" if sign in LOST else ""
        if end:
            return next((id for id, _, _, kind in here if kind == end), None)
        others = [id for id, _, title, _ in self.stages if title == name]
        return others[0] if len(others) == 1 else None

    def _lines(self, draft: Draft, products: Mapping[str, int]) -> None:
        raw = draft.values[LINES]
        items = raw if isinstance(raw, list) else [{"product": word} for word in _products(draft)]
        lines = []
        for item in items:
            word = item.get("product", "")
            id = products.get(word)
            if not word:
                draft.values.pop(LINES)
                return
            if id is None or id == SEVERAL:
                problem = invalid_word(LINES, word, id).problems[0]
                draft.refuse(problem.message, self._header("product"), problem.code)
                return
            try:
                lines.append(
                    self._line(id, word, item, draft.values.get("amount") if len(items) == 1 else None)
                )
            except PeyvandError as error:
                reason = error.problems[0].message if isinstance(error, Invalid) else error.message
                draft.refuse(reason, self._header("price"), error.code)
                return
        draft.values[LINES] = tuple(lines)
        if any(item["amount"] is not None for item in lines):
            # The amount follows from them.
            draft.values["amount"] = sum(item["amount"] or 0 for item in lines)

    def _line(self, product: int, word: str, item: Mapping[str, Any], amount: int | None) -> dict[str, Any]:
        quantity = parse_number(item["quantity"]) if item.get("quantity") else Decimal(1)
        discount = parse_number(item["discount"]) if item.get("discount") else Decimal(0)
        if not 0 < quantity < 10**9 or not 0 <= discount <= 100:
            raise Invalid.of(msg("The quantity or the discount is out of bounds."))
        price: int | None = None
        if item.get("price"):
            price = Money(key="price", label="", min=0).parse(item["price"], self.links.ctx.reader)
        elif amount is not None:
            quantity, discount, price = Decimal(1), Decimal(0), amount
        return line(product, price, quantity, discount, word)

    def _header(self, part: str) -> str:
        return (
            self.headers.get(f"{LINES}.{part}")
            or self.headers.get(LINES)
            or next((c.header for c in self.shape.columns if c.field.key == LINES), "")
        )


def _pipelines() -> list[tuple[int, str]]:
    rows = Pipeline.objects.filter(deleted_at__isnull=True).order_by("-is_default", "position", "id")
    return list(rows.values_list("id", "name"))


def _products(draft: Draft) -> list[str]:
    raw = draft.values.get(LINES)
    if isinstance(raw, str):
        return [word.strip() for word in raw.replace("،", ",").split(",") if word.strip()]
    return [item["product"] for item in raw or () if item.get("product")]
