"""Names are compared without titles, legal forms and the script they happen to be in."""

from __future__ import annotations

import pytest

from peyvand.kernel.persian.names import bare_name, company_core, skeleton


@pytest.mark.parametrize(
    ("written", "bare"),
    [
        ("جناب آقای دکتر عليرضا رضايي", "علیرضا رضایی"),
        ("خانم مهندس ندا کریمی", "ندا کریمی"),
        ("Dr. Sara Moini", "sara moini"),
        ("دکتر", "دکتر"),
        ("رضا دکتر", "رضا دکتر"),
        ("", ""),
    ],
)
def test_titles_before_a_name_do_not_count(written: str, bare: str) -> None:
    assert bare_name(written) == bare


@pytest.mark.parametrize(
    "written",
    [
        "شرکت پارس‌گستر (سهامی خاص)",
        "بازرگانی پارس گستر",
        "گروه صنعتی پارس گستر",
        "پارس‌گستر - با مسئولیت محدود",
        "پارس گستر",
    ],
)
def test_a_company_is_its_name_without_kind_and_legal_form(written: str) -> None:
    assert company_core(written) == "پارس گستر"


def test_latin_legal_forms_do_not_count_either() -> None:
    assert company_core("Pars Gostar Co., Ltd.") == "pars gostar"


def test_a_company_that_is_called_nothing_else_keeps_its_name() -> None:
    assert company_core("شرکت") == "شرکت"
    assert company_core("گروه صنایع") == "گروه صنایع"


@pytest.mark.parametrize(
    ("persian", "latin"),
    [
        ("علی‌رضا", "Alireza"), ("محمد", "Mohammad"), ("محمد", "Muhamed"), ("حسین", "Hossein"), ("فاطمه", "Fatemeh"),
        ("خدیجه", "Khadijeh"), ("چنگیز", "Changiz"), ("ژاله", "Zhaleh"), ("قاسمی", "Ghasemi"), ("قاسمی", "Qasemi"),
        ("ابراهیم", "Ebrahim"), ("پژمان", "Pejman"), ("تقی‌زاده", "Taghizadeh"), ("یوسف", "Yousef"), ("وحید", "Vahid"), ("شیرازی", "Shirazi"),
    ],
)  # fmt: skip
def test_a_name_sounds_the_same_in_both_scripts(persian: str, latin: str) -> None:
    assert skeleton(persian) == skeleton(latin)


def test_different_names_sound_different() -> None:
    names = ["کریمی", "رحیمی", "صادقی", "مرادی", "احمدی", "حیدری", "شریفی", "نجفی"]
    assert len({skeleton(n) for n in names}) == len(names)
