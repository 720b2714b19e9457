"""Columns about customers as scores of people and of companies, without a Python object for each of a million of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from peyvand.platform.insights.keeping import Scores

Told = Callable[[int], Mapping[str, Any] | None]
"""What is told of the customer at a place of the columns, or None."""


class Places(Sequence[Any]):
    """The values at some places, made when they are asked for."""

    def __init__(self, places: NDArray[np.int64], of: Callable[[NDArray[np.int64]], list[Any]]) -> None:
        self.places, self.of = places, of

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, at: int) -> Any: ...
    @overload
    def __getitem__(self, at: slice) -> list[Any]: ...
    def __getitem__(self, at: int | slice) -> Any:
        return self.of(self.places[at]) if isinstance(at, slice) else self.of(self.places[[at]])[0]


def by_object(
    customers: ArrayLike, values: Mapping[str, Any], told: Mapping[str, Told] | None = None
) -> tuple[Scores, ...]:
    """One Scores for people and one for companies, of columns that are as long as the customers' keys (warehouse/star).

    Columns are NumPy's or lists; nan, NaT and None say that nothing is known, and whole floats are whole numbers. ``told``
    says of a place in them what is told beside the value.
    """
    keys = np.asarray(customers, dtype=np.int64)
    columns = {key: np.asarray(column) for key, column in values.items()}
    out = []
    for object_key, odd in (("person", 0), ("company", 1)):
        at = np.flatnonzero(keys % 2 == odd)
        out.append(
            Scores(
                object_key,
                (keys[at] // 2).tolist(),
                {key: Places(at, _values(column)) for key, column in columns.items()},
                {key: Places(at, _each(of)) for key, of in (told or {}).items()},
            )
        )
    return tuple(out)


def _values(column: NDArray[Any]) -> Callable[[NDArray[np.int64]], list[Any]]:
    if column.dtype.kind == "f":
        return lambda places: [
            None if v != v else int(v) if v.is_integer() else v for v in column[places].tolist()
        ]
    return lambda places: list(column[places].tolist())


def _each(of: Told) -> Callable[[NDArray[np.int64]], list[Any]]:
    return lambda places: [of(place) for place in places.tolist()]
