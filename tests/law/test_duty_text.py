"""The grammar of duty texts against expectations written by hand from the wording, and against the whole
schedule."""

from __future__ import annotations

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tariffcalc.errors import DutyTextError
from tariffcalc.law.duty import Duty, Sum, Term
from tariffcalc.law.duty_format import duty_class, show_duty
from tariffcalc.law.duty_phrases import PLAIN, grammar_of
from tariffcalc.law.duty_text import UnknownPhrase, parse_duty
from tariffcalc.law.special_column import parse_special, tidy_special
from tariffcalc.reading.tables import read_duty_phrases

SEEDS = Path(__file__).parents[2] / "seeds" / "us"
US = grammar_of(read_duty_phrases(SEEDS / "duty-phrases.csv"), "us.column-1")


def terms(*pairs: str) -> Sum:
    """``terms("0.044 quantity kg", "0.05 base")``: written apart from the grammar under test."""
    split = (pair.split(" ", 1) for pair in pairs)
    return tuple(Term(rate=Decimal(rate), of=of) for rate, of in split)


SUGAR = " for each degree under 100 degrees (and fractions of a degree in proportion) but not less than "
PLATE = (
    ", but if consisting in part of a plate or a set of plates the total duty shall not exceed the duty for"
    " the complete movement"
)
BY_HAND: dict[str, Sum] = {
    "Free": (),
    "none": (),
    "16.5%": terms("0.165 base"),
    "10 %": terms("0.10 base"),
    "0.3464%": terms("0.003464 base"),
    "33 1/3%": terms("0.333333333333 base"),
    "37% /": terms("0.37 base"),
    "0.125% of value": terms("0.00125 value"),
    "40% of fact battery_value": terms("0.4 fact battery_value"),
    "10% of charged us.column-1": terms("0.1 charged us.column-1"),
    "4.4¢/kg": terms("0.044 quantity kg"),
    "1.4¢/kg": terms("0.014 quantity kg"),
    "0.943854¢/kg": terms("0.00943854 quantity kg"),
    "$1.128/kg": terms("1.128 quantity kg"),
    "25% + 1.4¢/kg": terms("0.25 base", "0.014 quantity kg"),
    "$1.035/kg +13.6%": terms("1.035 quantity kg", "0.136 base"),
    "$9.92/kg+ 25%": terms("9.92 quantity kg", "0.25 base"),
    "10.5¢/pf. liter": terms("0.105 quantity pf_liter"),
    "10.5¢/pf.liter": terms("0.105 quantity pf_liter"),
    "4.4¢/liter + 31.4¢/pf. liter": terms("0.044 quantity liter", "0.314 quantity pf_liter"),
    "18.5¢/ liter + $1.32/pf. liter on ethyl alcohol content": terms(
        "0.185 quantity liter", "1.32 quantity pf_liter"
    ),
    "27.6¢/liter+ 17.5%": terms("0.276 quantity liter", "0.175 base"),
    "5.25¢/bbl": terms("0.0525 quantity bbl"),
    "$1.50 each": terms("1.5 quantity no"),
    "0.16¢ each + 2.2%": terms("0.0016 quantity no", "0.022 base"),
    "68¢/head": terms("0.68 quantity no"),
    "12¢/doz. + 5.5%": terms("0.12 quantity doz", "0.055 base"),
    "90¢/pr. + 37.5%": terms("0.9 quantity prs", "0.375 base"),
    "14.4¢/gross + 2%": terms("0.144 quantity gross", "0.02 base"),
    "$1.34/1000": terms("1.34 quantity thousands"),
    "$1.15/1,000 + 40%": terms("1.15 quantity thousands", "0.4 base"),
    "10¢/1,000 pins + 3.5%": terms("0.10 quantity thousands", "0.035 base"),
    "$2.50/thou- sand + 40%": terms("2.5 quantity thousands", "0.4 base"),
    "0.18¢/line/ gross + 2.5%": terms("0.0018 quantity gr_lines", "0.025 base"),
    "$1.13/m3": terms("1.13 quantity m3"),
    "$1.13/m<sup>3</sup>": terms("1.13 quantity m3"),
    "86.1¢/m2of recording surface": terms("0.861 quantity m2"),
    "3.3¢/lin. m": terms("0.033 quantity m"),
    "10¢/m": terms("0.1 quantity m"),
    "10.6¢/g": terms("0.106 quantity g"),
    "$1.32/t": terms("1.32 quantity t"),
    "$1.32/t, including weight of container": terms("0.00132 fact weight_with_container_kg"),
    "0.3¢/kg, including weight of container": terms("0.003 fact weight_with_container_kg"),
    "5¢/kg on contents and container": terms("0.05 fact weight_with_container_kg"),
    "10¢/pack + 20%": terms("0.1 quantity pack", "0.2 base"),
    "20.6¢/clean kg": terms("0.206 quantity clean_kg"),
    "13.5¢/kg + 6.3% + 1.9¢/article": terms("0.135 quantity kg", "0.063 base", "0.019 quantity no"),
    "15¢ each + 2.3% + 0.8¢/jewel": terms("0.15 quantity no", "0.023 base", "0.008 quantity jewels"),
    "5.7¢/kg on drained weight +8%": terms("0.057 fact drained_weight_kg", "0.08 base"),
    "22¢/kg on drained weght + 45%": terms("0.22 fact drained_weight_kg", "0.45 base"),
    "1.5¢/kg on entire contents of container": terms("0.015 fact container_contents_kg"),
    "20¢/gross of immediate containers": terms("0.2 fact immediate_containers_gross"),
    "33.9¢/kg of total sugars + 5.1%": terms("0.339 quantity total_sugars_kg", "0.051 base"),
    "1.1¢/kg on lead content": terms("0.011 quantity pb_kg"),
    "12.8¢/kg on molybdenum content + 1.8%": terms("0.128 quantity mo_kg", "0.018 base"),
    "37.5¢/kg on tungsten content": terms("0.375 quantity w_kg"),
    "4.4¢/kg on silicon content": terms("0.044 quantity si_kg"),
    "$40/kg of anhydrous morphine content": terms("40 quantity amc_kg"),
    "8.8¢/kg on copper content + 3.3¢/kg on lead content + 3.7¢/kg on zinc content": terms(
        "0.088 quantity cu_kg", "0.033 quantity pb_kg", "0.037 quantity zn_kg"
    ),
    "2.5% on the value of the lead content": terms("0.025 fact lead_content_value"),
    "6.5% on the entire set": terms("0.065 base"),
    "1.5 percent of the fair retail value": terms("0.015 fact fair_retail_value"),
    "50 percent of the cost of such goods or repairs": terms("0.5 fact repair_cost"),
    "51¢ each + 6.25% on the case and strap, band or bracelet + 5.3% on the battery": terms(
        "0.51 quantity no", "0.0625 fact case_value", "0.0625 fact strap_value", "0.053 fact battery_value"
    ),
    "40¢ each + 8.5% on the case + 14% on the strap, band or bracelet + 5.3% on the battery": terms(
        "0.4 quantity no", "0.085 fact case_value", "0.14 fact strap_value", "0.053 fact battery_value"
    ),
    "$2.25 each + 45% on the case +80% on the strap, band or bracelet": terms(
        "2.25 quantity no", "0.45 fact case_value", "0.8 fact strap_value"
    ),
    "$2.70 each + 45% on the case + 35% on thebattery": terms(
        "2.7 quantity no", "0.45 fact case_value", "0.35 fact battery_value"
    ),
    "57¢ each + 3.7¢/jewel over 7 + 4.9% on the case": terms(
        "0.57 quantity no", "0.037 fact jewels_over_7", "0.049 fact case_value"
    ),
    "3.9% on the movement and case+ 5.3% on the battery": terms(
        "0.039 fact movement_value", "0.039 fact case_value", "0.053 fact battery_value"
    ),
    "3.9% on the apparatus + 5.3% on the battery": terms(
        "0.039 fact apparatus_value", "0.053 fact battery_value"
    ),
    "3.1% on the value of the rifle + 13% on the value of the telescopic sight, if any": terms(
        "0.031 fact rifle_value", "0.13 fact telescopic_sight_value"
    ),
    "The rate applicable to each garment in the ensemble if separately entered": terms(
        "1 fact borrowed_duty"
    ),
    "The rate of duty appli- cable to that article in the set subject to the high- est rate of duty": terms(
        "1 fact borrowed_duty"
    ),
    "See additional U.S. note 3": terms("1 fact borrowed_duty"),
    "See 9823.04.01-9823.04.54": terms("1 fact borrowed_duty"),
    "A duty upon the value of the repairs oralterations (see U.S. note 3 of this subchapter)": terms(
        "1 fact borrowed_duty"
    ),
    "Free, under bond": terms("1 fact conditional_duty"),
    "Free (See U.S. note 4 of this subchapter)": terms("1 fact conditional_duty"),
}
WITH_BOUNDS: dict[str, tuple[Sum, Sum | None, Sum | None]] = {
    "to 15% including column 1": (terms("0.15 base", "-1 charged us.column-1"), (), None),
    "5% at least 2¢/kg": (terms("0.05 base"), terms("0.02 quantity kg"), None),
    "5%, at least 2¢/kg, at most 10%": (terms("0.05 base"), terms("0.02 quantity kg"), terms("0.1 base")),
    "3.1% but not less than 20¢ each": (terms("0.031 base"), terms("0.2 quantity no"), None),
    "20% or Rs 60/piece, whichever is higher": (terms("0.2 base"), terms("60 quantity no"), None),
    f"1.4606¢/kg less 0.020668¢/kg{SUGAR}0.943854¢/kg": (
        terms("0.014606 quantity kg", "-0.00020668 fact sugar_kg_degrees"),
        terms("0.00943854 quantity kg"),
        None,
    ),
    f"6.58170¢/kg less 0.0622005¢ /kg{SUGAR.replace('than ', '')}5.031562¢ /kg": (
        terms("0.065817 quantity kg", "-0.000622005 fact sugar_kg_degrees"),
        terms("0.05031562 quantity kg"),
        None,
    ),
    f"6% + 2.3¢/jewel + 0.2¢ for each other piece or part{PLATE}": (
        terms("0.06 base", "0.023 quantity jewels", "0.002 fact other_pieces_no"),
        None,
        terms("1 fact duty_of_complete_movement"),
    ),
    "The duty rate provided in such subheading minus 0.5%": (
        terms("1 fact borrowed_duty", "-0.005 base"),
        (),
        None,
    ),
}


@pytest.mark.parametrize("text", BY_HAND)
def test_terms_as_derived_by_hand(text: str) -> None:
    duty = parse_duty(text, US)
    assert duty.terms == BY_HAND[text]
    assert (duty.at_least, duty.at_most, duty.held, duty.scheduled) == (None, None, True, None)
    assert duty.text == text


@pytest.mark.parametrize("text", WITH_BOUNDS)
def test_bounds_as_derived_by_hand(text: str) -> None:
    duty = parse_duty(text, US)
    assert (duty.terms, duty.at_least, duty.at_most) == WITH_BOUNDS[text]


def test_duties_that_are_not_sums() -> None:
    assert parse_duty("none", US).is_none
    assert not parse_duty("not held", US).held
    assert parse_duty("as scheduled: column2", US).scheduled == "column2"
    assert parse_duty("to 15% including other.program", US).terms[1].of == "charged other.program"


@pytest.mark.parametrize(
    "text",
    ["", "10", "10% on", "4¢", "4¢/stone", "4¢/kg on gold", "as scheduled: other",
     "to 15% including column 1",
     "5% at least 1% at least 2%", "rate of the day", "5% of everything", "+ 5%", "5% + ", "1.2.3%", "¢/kg"],
)  # fmt: skip
def test_what_cannot_be_read_says_so(text: str) -> None:
    with pytest.raises(DutyTextError):
        parse_duty(text, grammar_of(US.phrases))


PHRASES = [
    "10% on the case", "4¢/kg on drained weight", "0.2¢ for each other piece or part",
    "The rate applicable in the absence of this heading", "See 9822.05.15",
    "Free, under bond, as prescribed in U.S. note 2 to this subchapter",
]  # fmt: skip


@pytest.mark.parametrize("text", PHRASES)
def test_a_phrase_means_nothing_where_the_territory_has_none(text: str) -> None:
    assert parse_duty(text, US).terms
    with pytest.raises(DutyTextError):
        parse_duty(text, PLAIN)


def test_a_phrase_counts_in_its_own_unit() -> None:
    """Nine cents for each ton are 0.009 cents for each kilogram; a liter is no weight."""
    assert parse_duty("9¢/t on drained weight", US).terms == terms("0.00009 fact drained_weight_kg")
    with pytest.raises(UnknownPhrase, match="'on drained weight' is no phrase of the territory after liter"):
        parse_duty("9¢/liter on drained weight", US)


LIKELY = st.text(alphabet=st.sampled_from("0123456789.,%¢$₹/+-() abcdegiklmnoprstuFS\n"), max_size=40)


@given(LIKELY | st.text(max_size=20))
def test_garbage_is_a_duty_or_a_duty_text_error(text: str) -> None:
    for read in (parse_duty, parse_special):
        try:
            read(text, US)
        except DutyTextError:
            continue


RATES = st.decimals(min_value=0, max_value=99, places=6, allow_nan=False)
OF = st.sampled_from(
    ["base", "value", "quantity kg", "quantity pf_liter", "fact case_value", "charged us.column-1"]
)


@given(st.lists(st.builds(Term, rate=RATES, of=OF), min_size=1, max_size=4).map(tuple))
def test_what_is_shown_is_read_back(given_terms: Sum) -> None:
    assert parse_duty(show_duty(Duty(text="", terms=given_terms)), US).terms == given_terms


def test_special_column() -> None:
    rates = parse_special(
        "Free (A*,AU, BH,\n CL)2.8% (JP) See 9823.04.01-9823.04.54 (S+) See 9919.04.50 (PA (PA)", US
    )
    assert [rate.spi for rate in rates] == [("A*", "AU", "BH", "CL"), ("JP",), ("S+",), ("PA",)]
    assert [duty_class(rate.duty) for rate in rates] == ["none", "ad_valorem", "borrowed", "borrowed"]
    (repairs,) = parse_special(
        "A duty upon the value of the repairs (see U.S. note 3 of this subchapter) (B,C,)", US
    )
    assert repairs.spi == ("B", "C")
    assert parse_special("Free (AU,.OM)", US)[0].spi == ("AU", "OM")
    assert parse_special("Free", US)[0].spi == ()
    assert parse_special("", US) == ()


def test_spacing_and_order_of_the_special_column_change_nothing() -> None:
    respaced = tidy_special("0.1¢ /liter (JO)  Free (BH,AU)", US)
    assert tidy_special("Free (AU, BH)0.1¢/liter(JO)", US) == respaced
    assert tidy_special(tidy_special("2.8% (JP) Free (B,AU)", US), US) == "Free (AU,B) 2.8% (JP)"


def test_classes() -> None:
    classes = {
        "Free": "none", "5%": "ad_valorem", "5¢/kg": "specific", "5¢/kg + 5%": "compound",
        "not held": "not_held",
        "5¢/kg on drained weight": "needs_fact", "See 9822.05.15": "borrowed",
        "as scheduled: general": "as_scheduled",
    }  # fmt: skip
    assert {text: duty_class(parse_duty(text, US)) for text in classes} == classes


@pytest.fixture(scope="module")
def printed() -> dict[str, set[str]]:
    """Every distinct rate text of the committed schedule, by column."""
    found: dict[str, set[str]] = {"general": set(), "special": set(), "column2": set()}
    for path in sorted((SEEDS / "schedule").glob("chapter-*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                for column, texts in found.items():
                    if row[column]:
                        texts.add(row[column])
    assert all(found.values()), "the committed schedule is missing"
    return found


def test_every_text_of_the_schedule_is_read(printed: dict[str, set[str]]) -> None:
    registry = yaml.safe_load((SEEDS / "facts" / "schedule.yaml").read_text(encoding="utf-8"))
    known = {f"fact {entry['fact']}" for entry in registry}
    duties = [parse_duty(text, US) for column in ("general", "column2") for text in printed[column]]
    duties += [rate.duty for text in printed["special"] for rate in parse_special(text, US)]
    for duty in duties:
        assert duty.held
        assert duty.is_none == (duty.text == "Free"), f"{duty.text!r} became nothing in silence"
        assert {amount for amount in duty.amounts() if amount.startswith("fact ")} <= known
        assert parse_duty(show_duty(duty), US).terms == duty.terms
    assert all(text == US.tidy(text) for column in ("general", "column2") for text in printed[column])


COUNTS = {
    "general": {
        "none": 1, "ad_valorem": 202, "specific": 232, "compound": 191, "needs_fact": 104, "borrowed": 25,
    },
    "column2": {
        "none": 1, "ad_valorem": 245, "specific": 230, "compound": 212, "needs_fact": 70, "borrowed": 25,
    },
}  # fmt: skip


def test_counts_of_classes(printed: dict[str, set[str]]) -> None:
    """The counts as committed: a change here is a change of law or of the grammar, and wants a look."""
    general = Counter(duty_class(parse_duty(text, US)) for text in printed["general"])
    column2 = Counter(duty_class(parse_duty(text, US)) for text in printed["column2"])
    assert general == COUNTS["general"]
    assert column2 == COUNTS["column2"]
