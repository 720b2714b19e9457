import pytest

from peyvand.kernel.errors import (
    Conflict,
    Invalid,
    Message,
    NotAllowed,
    NotFound,
    PeyvandError,
    Problem,
    RuleViolation,
    msg,
)
from peyvand.kernel.persian.text import to_persian_digits


def test_a_message_reads_in_english_and_in_the_readers_language() -> None:
    message = msg("This must have %(right)s digits.", right=10)
    persian = {"This must have %(right)s digits.": "این باید %(right)s رقم باشد."}
    assert str(message) == "This must have 10 digits."
    assert message.render(persian.__getitem__, to_persian_digits) == "این باید ۱۰ رقم باشد."


def test_a_message_inside_a_message_is_rendered_too() -> None:
    outer = msg("%(name)s is needed.", name=msg("Title"))
    words = {"%(name)s is needed.": "%(name)s لازم است.", "Title": "عنوان"}
    assert outer.render(words.__getitem__) == "عنوان لازم است."


def test_names_that_are_written_the_other_way_are_kept_apart_from_the_words() -> None:
    message = msg("merged “%(other)s” into %(title)s", other="Henrik Farouk", title="مریم")
    persian = {message.template: "«%(other)s» را در %(title)s ادغام کرد"}
    assert (
        message.render(persian.__getitem__, is_drawn=True)
        == "«\u2068Henrik Farouk\u2069» را در مریم ادغام کرد"
    )
    assert message.render(str, is_drawn=True) == "merged “Henrik Farouk” into \u2068مریم\u2069"
    # For programs, files and plain text the name is the name.
    assert message.render(str) == "merged “Henrik Farouk” into مریم"
    assert str(message) == "merged “Henrik Farouk” into مریم"


def test_a_percent_sign_without_parameters_is_only_a_sign() -> None:
    assert str(msg("100% sure")) == "100% sure"


def test_invalid_speaks_for_its_problem_and_counts_several() -> None:
    one = Invalid.of(msg("Write a number."), "price", "required")
    assert (one.status, one.code, str(one.message)) == (422, "required", "Write a number.")
    two = Invalid([*one.problems, Problem("name", msg("A value is needed."))])
    assert (two.code, str(two.message)) == ("invalid", "2 values need correcting.")
    assert str(two) == "price: Write a number.; name: A value is needed."


def test_problems_move_under_a_field() -> None:
    moved = Invalid([Problem(None, msg("a")), Problem("unit", msg("b"))]).at("value")
    assert [problem.field for problem in moved.problems] == ["value", "value.unit"]


def test_invalid_without_a_problem_is_a_defect() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Invalid([])


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RuleViolation(msg("The deal is closed."), "stage"), 422),
        (NotAllowed(), 403),
        (NotFound(), 404),
        (Conflict(), 409),
    ],
)
def test_every_error_has_a_status_a_code_and_a_message(error: PeyvandError, status: int) -> None:
    assert error.status == status
    assert error.code != PeyvandError.code
    assert isinstance(error.message, Message)
    assert str(error) == str(error.message)
