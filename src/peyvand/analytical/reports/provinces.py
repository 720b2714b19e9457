"""Iran's provinces as tiles that lie as the provinces lie: seven across, the west at the left, the north above."""

from __future__ import annotations

from typing import Final, NamedTuple

from peyvand.kernel.persian.text import fold


class Province(NamedTuple):
    """``short`` names are for tiles."""

    persian: str
    english: str
    short: str = ""
    short_english: str = ""


_P = Province
# Row by row; None is no land.
MAP: Final[tuple[tuple[Province | None, ...], ...]] = (
    (
        _P("آذربایجان غربی", "West Azerbaijan", "آذ. غربی", "W. Azerb."), _P("آذربایجان شرقی", "East Azerbaijan", "آذ. شرقی", "E. Azerb."),
        _P("اردبیل", "Ardabil"), None, None, None, None,
    ),
    (
        _P("کردستان", "Kurdistan"), _P("زنجان", "Zanjan"), _P("گیلان", "Gilan"), _P("مازندران", "Mazandaran", "", "Mazand."),
        _P("گلستان", "Golestan"), _P("خراسان شمالی", "North Khorasan", "خ. شمالی", "N. Khor."), None,
    ),
    (
        _P("کرمانشاه", "Kermanshah", "", "Kerm.shah"), _P("همدان", "Hamadan"), _P("قزوین", "Qazvin"), _P("البرز", "Alborz"),
        _P("تهران", "Tehran"), _P("سمنان", "Semnan"), _P("خراسان رضوی", "Razavi Khorasan", "خ. رضوی", "Razavi"),
    ),
    (
        _P("ایلام", "Ilam"), _P("لرستان", "Lorestan"), _P("مرکزی", "Markazi"), _P("قم", "Qom"), _P("اصفهان", "Isfahan"),
        _P("یزد", "Yazd"), _P("خراسان جنوبی", "South Khorasan", "خ. جنوبی", "S. Khor."),
    ),
    (
        None, _P("خوزستان", "Khuzestan"), _P("چهارمحال و بختیاری", "Chaharmahal and Bakhtiari", "چهارمحال", "Chaharm."),
        _P("کهگیلویه و بویراحمد", "Kohgiluyeh and Boyer-Ahmad", "کهگیلویه", "Kohgil."), _P("فارس", "Fars"), _P("کرمان", "Kerman"),
        _P("سیستان و بلوچستان", "Sistan and Baluchestan", "سیستان", "Sistan"),
    ),
    (None, None, None, _P("بوشهر", "Bushehr"), None, _P("هرمزگان", "Hormozgan", "", "Hormoz."), None),
)  # fmt: skip


def province_of(name: str) -> Province | None:
    """The province that is meant, however it is written; None for what is no province."""
    return _BY_NAME.get(_plain(name))


def _plain(name: str) -> str:
    words = fold(name).replace("-", " ").split()
    return "".join(word for word in words if word not in ("استان", "province", "و", "and"))


_BY_NAME: Final = {
    _plain(name): province
    for row in MAP
    for province in row
    if province is not None
    for name in (province.persian, province.english)
}
