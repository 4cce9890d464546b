"""Money, quantities, measures and categories between people and records."""

import pytest

from cli.amounts import (
    CreditUnit,
    category_of,
    measure_of,
    money_of,
    money_text,
    price_text,
    prices_of,
    quantity_of,
    quantity_text,
)
from cli.values import ValueProblemError

CREDIT = CreditUnit.of_network(bytes(32), {"name": "Sabiá", "symbol": "SB", "exponent": 2})


@pytest.mark.parametrize(
    ("text", "unit", "amount"),
    [
        ("12,50 BRL", "BRL", 1250),
        ("R$ 12,50", "BRL", 1250),
        ("BRL 12,50", "BRL", 1250),
        ("12.50 brl", "BRL", 1250),
        ("1.234,56 BRL", "BRL", 123456),
        ("100 CLP", "CLP", 100),
        ("3", CREDIT.unit, 300),
        ("3 credits", CREDIT.unit, 300),
        ("3,5 créditos", CREDIT.unit, 350),
        ("3 SB", CREDIT.unit, 300),
        ("3 sabia", CREDIT.unit, 300),
    ],
)
def test_money_is_read_with_its_unit(text: str, unit: str, amount: int) -> None:
    """Official money by its code, credit by its name, symbol or no unit at all."""
    assert money_of(text, CREDIT) == {"unit": unit, "amount": amount}


@pytest.mark.parametrize("text", ["", "BRL", "3 potatoes", "3,555 BRL", "0,5 CLP"])
def test_money_that_cannot_be_read_is_a_problem(text: str) -> None:
    """An unknown unit or a fraction of the smallest coin says how to write it."""
    with pytest.raises(ValueProblemError):
        money_of(text, CREDIT)


def test_a_price_has_each_unit_once() -> None:
    """Parts in different units are paid together; twice the same unit is a mistake."""
    assert len(prices_of(["9 BRL", "2 credits"], CREDIT)) == 2
    with pytest.raises(ValueProblemError, match="twice"):
        prices_of(["9 BRL", "2 BRL"], CREDIT)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2,5 kg", (2500, "KGM")),
        ("12", (12000, None)),
        ("1 dúzia", (12000 // 12, "DZN")),
        ("3 litros", (3000, "LTR")),
        ("3 pedras", None),
    ],
)
def test_quantities_are_read_with_or_without_measure(text: str, wanted: tuple[int, str | None] | None) -> None:
    """A measure is known by code, symbol or name; another word is a problem."""
    if wanted is None:
        with pytest.raises(ValueProblemError):
            quantity_of(text)
    else:
        assert quantity_of(text) == wanted


def test_nothing_is_no_quantity() -> None:
    """Zero and less can't be offered, needed or ordered."""
    for text in ("0", "-1 kg", "0,0004"):
        with pytest.raises(ValueProblemError):
            quantity_of(text)


def test_categories_go_by_id_or_label() -> None:
    """Case and accents don't matter, and what is near is named."""
    assert category_of("wheat-flour") == category_of("FARINHA DE TRIGO") == category_of("harina de trigo")
    with pytest.raises(ValueProblemError, match="wheat-flour"):
        category_of("farinha de trig")


def test_measures_go_by_code_symbol_or_name() -> None:
    """KGM, kg and quilo are one measure."""
    assert {measure_of(text) for text in ("KGM", "kg", "Quilo", "kilogram")} == {"KGM"}


def test_amounts_are_written_as_the_node_states_them() -> None:
    """Symbol and decimals come with the amount; a price for one of a measure is short."""
    part = {"unit": "BRL", "amount": 1250, "symbol": "R$", "exponent": 2, "is_credit": False}

    assert money_text(part) == "12,50 R$"
    assert price_text({"parts": [part], "per": 1000, "measure": "KGM"}) == "12,50 R$ / kg"
    assert price_text({"parts": [part, part], "per": 500, "measure": "KGM"}) == "12,50 R$ + 12,50 R$ / 0,5 kg"
    assert price_text(None) == ""
    assert quantity_text(2500, "KGM") == "2,5 kg"
    assert quantity_text(None, "KGM") == ""
