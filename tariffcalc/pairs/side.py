"""One side of a pair of territories: what it charges the goods of the other, line by line, as rates on a
stated value.

A rate is a sum of postings over the customs value, so a specific duty has one as soon as value and quantity
are stated.  Duty is what remains with an importer; taxes that a business takes back as credit are separate.
What is unknown is empty, with the program and what to supply.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from math import fsum, nan
from typing import TYPE_CHECKING, Any

import numpy as np

from tariffcalc.assessment.reasons import unknown_problems
from tariffcalc.codes import dotted
from tariffcalc.compiled.finest_lines import TARIFF_LINE
from tariffcalc.declaration import QUANTITY
from tariffcalc.declaration.names import reads, unknown_name
from tariffcalc.declaration.problems import Problem
from tariffcalc.errors import CoverageError, ShipmentError
from tariffcalc.pairs.concordance import SUBHEADING
from tariffcalc.views.credit import duty_apart_from_credit

if TYPE_CHECKING:
    import pandas as pd

    from tariffcalc.assessment.assessed import Assessed
    from tariffcalc.tariff import Tariff

UNSTATED = 1_000_000  # a value on which an amount rounded to a whole unit of currency still shows the rate
ANSWER = ["duty", "tax", "programs", "headings", "unknown", "lacking", "noted"]
COLUMNS = ["entered", "commodity", *ANSWER]


@dataclass(frozen=True)
class Goods:
    """What is stated of the goods: value [currency], its currency, quantities by unit, and for each territory
    further columns of an estimate.

    Without a value the rates are those of ad valorem duties, and a specific duty is unknown.
    """

    value: Any = None
    currency: str | None = None
    quantity: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.value is not None and self.currency is None:
            raise ShipmentError(
                "a value is given without its currency, and the two sides may count in different ones: give"
                " currency too"
            )
        if self.value is None and (self.quantity or self.currency):
            raise ShipmentError(
                "a quantity or a currency is given without a value: a specific duty is a rate only on a"
                " stated value; give value too"
            )

    def columns(self, tariff: Tariff) -> dict[str, Any]:
        """The columns for an estimate under one tariff."""
        law = tariff.law
        found: dict[str, Any] = {"value": str(UNSTATED if self.value is None else self.value)}
        if len(law.valuation.tariff_class):
            # the value asked about, also of goods for which the law fixes one
            found["value_basis"] = "customs value"
        if self.currency is not None and self.currency != law.currency:
            found["currency"] = self.currency
        found |= {f"{QUANTITY}{unit}": number for unit, number in self.quantity.items()}
        for name, value in self.facts.get(law.territory, {}).items():
            if not reads(law, name):
                raise ShipmentError(unknown_name(law, name))
            found[name] = value
        return found


@dataclass(frozen=True)
class Side:
    """A tariff and the origin whose goods it is asked about."""

    tariff: Tariff
    origin: str

    @property
    def name(self) -> str:
        """The territory that charges."""
        return self.tariff.law.territory

    def lines(self, asked: list[tuple[Any, str]], goods: Goods) -> pd.DataFrame:
        """What is charged on lines and days: entered, commodity (digits), duty, tax [rates], programs,
        headings, unknown, lacking, noted."""
        import pandas as pd

        if not asked:
            return pd.DataFrame(columns=COLUMNS)
        days, codes = zip(*asked, strict=True)
        table = pd.DataFrame(
            {"commodity": codes, "origin": self.origin, "entered": days, **goods.columns(self.tariff)}
        )
        estimate = self.tariff.estimate(table, fees=False, on_problem="keep")
        return table[["entered", "commodity"]].assign(**answers(estimate))


def side_of(charging: Tariff, other: Tariff) -> Side:
    """The side of a tariff that charges goods of another's territory; raises CoverageError where that is no
    origin it knows."""
    law = charging.law
    for name in (other.law.title, other.law.territory):
        codes = law.origin_names.get(name.casefold(), ())
        if len(codes) == 1:
            return Side(charging, codes[0])
    got = f"{law.title} knows no origin {other.law.title!r} ({other.law.territory!r})"
    raise CoverageError(f"{got}: the title or the id of a territory must be an origin in geography.csv")


def answers(estimate: Assessed) -> dict[str, Any]:
    """For each row of an estimate: duty and tax as rates of the customs value, what charges, under which
    headings, what is unknown and lacking."""
    ledger, lines = estimate.parts
    rest, taken = duty_apart_from_credit(ledger)
    value = np.where(lines.columns.value == 0, np.nan, lines.columns.value.astype(np.float64))
    size, rows = len(estimate), lines.rows
    rates = {}
    for name, part in (("duty", rest), ("tax", taken)):
        rates[name] = np.full(size, np.nan)
        rates[name][rows] = np.where(part.unknown, np.nan, part.amount / value)
    programs: list[list[str]] = [[] for _ in range(size)]
    headings: list[list[str]] = [[] for _ in range(size)]
    unknown: list[list[str]] = [[] for _ in range(size)]
    for number, program in enumerate(estimate.law.programs):
        if program.kind != "duty" or not ledger.has_postings(number):
            continue
        amount, column, rules = ledger.amount(number), ledger.unknown(number), ledger.rule_numbers(number)
        for line in np.flatnonzero(amount if column is None else column | (amount != 0)):
            row = rows[line]
            if column is not None and column[line]:
                unknown[row].append(program.name)
                continue
            programs[row].append(f"{program.name} {percent(amount[line] / value[line])}")
            rule = estimate.law.rules[rules[line]]
            if rule is not None and rule.heading:
                headings[row].append(rule.heading)
    texts = {"programs": _joined(programs), "headings": _joined(headings), "unknown": _joined(unknown)}
    return rates | texts | {"lacking": _lacking(estimate), "noted": _joined(_noted(estimate))}


def percent(rate: float) -> str:
    """A rate as a percentage of at most two decimals.

    >>> percent(0.165), percent(0.0767593), percent(0.25)
    ('16.5%', '7.68%', '25%')
    """
    return percent_of_two_decimals(rate).removesuffix("%").rstrip("0").rstrip(".") + "%"


def percent_of_two_decimals(rate: float) -> str:
    """A rate as a percentage of two decimals, half up.

    >>> percent_of_two_decimals(0.05625), percent_of_two_decimals(0.1)
    ('5.63%', '10.00%')
    """
    return f"{Decimal(f'{100 * rate:.9f}').quantize(Decimal('0.01'), ROUND_HALF_UP):,}%"


def _joined(parts: list[list[str]]) -> list[str]:
    return [", ".join(dict.fromkeys(each)) for each in parts]


def _lacking(estimate: Assessed) -> list[str]:
    """For each row the first thing that keeps its duty from being known, else its tax: in words, with what to
    supply."""
    ledger, lines = estimate.parts
    creditable = {program.name for program in estimate.law.programs if program.creditable}
    found = [
        problem
        for problem in unknown_problems(estimate.law, ledger, lines.rows)
        if problem.code != "depends-on-unknown"
    ]
    found.sort(key=lambda problem: problem.program in creditable)
    words = [""] * len(estimate)
    for problem in [*lines.problems.refused, *found]:
        for row in problem.rows:
            words[row] = words[row] or _sentence(problem)
    return words


def _noted(estimate: Assessed) -> list[list[str]]:
    """For each row what was assumed of it."""
    notes: list[list[str]] = [[] for _ in range(len(estimate))]
    for problem in estimate.noted:
        for row in problem.rows:
            notes[row].append(_sentence(problem))
    return notes


def _sentence(problem: Problem) -> str:
    return f"{problem.message}; {problem.supply}" if problem.supply else problem.message


def tariff_lines(answered: pd.DataFrame) -> pd.DataFrame:
    """Lines of more than eight digits as one tariff line where all of them have the same answer; ``lines``
    says how many are behind a row."""
    answer = [tuple(map(str, row)) for row in answered[ANSWER].itertuples(index=False)]
    chosen, codes, behind = [], [], []
    for (_, line), rows in _grouped(answered, TARIFF_LINE).items():
        same = len({answer[row] for row in rows}) == 1
        chosen += rows[:1] if same else rows
        codes += (
            [dotted(line)]
            if same and len(rows) > 1
            else [dotted(answered["commodity"].iloc[row]) for row in (rows[:1] if same else rows)]
        )
        behind += [len(rows)] if same else [1] * len(rows)
    return answered.iloc[chosen].assign(commodity=codes, lines=behind).reset_index(drop=True)


def summaries(answered: pd.DataFrame) -> dict[tuple[Any, str], dict[str, Any]]:
    """For each day and subheading: the mean, lowest and highest duty of its tariff lines, how many there are
    and are known, and what charges.

    A mean is over all tariff lines, each the mean of its ten-digit lines; it is empty where any of them is
    unknown.
    """
    columns = {name: answered[name].tolist() for name in ANSWER}
    lines = [code[:TARIFF_LINE] for code in answered["commodity"]]
    found = {}
    for key, rows in _grouped(answered, SUBHEADING).items():
        of_line: dict[str, list[int]] = {}
        for row in rows:
            of_line.setdefault(lines[row], []).append(row)
        summary: dict[str, Any] = {
            name: _mean([_mean([columns[name][row] for row in each]) for each in of_line.values()])
            for name in ("duty", "tax")
        }
        known = [columns["duty"][row] for row in rows if columns["duty"][row] == columns["duty"][row]]
        summary |= {"low": min(known, default=nan), "high": max(known, default=nan), "lines": len(of_line)}
        summary["known"] = sum(
            all(columns["duty"][row] == columns["duty"][row] for row in each) for each in of_line.values()
        )
        found[key] = summary | {
            name: _some([columns[name][row] for row in rows])
            for name in ("programs", "headings", "unknown", "lacking", "noted")
        }
    return found


def _grouped(answered: pd.DataFrame, digits: int) -> dict[tuple[Any, str], list[int]]:
    """Positions of rows by day and the first digits of the code."""
    groups: dict[tuple[Any, str], list[int]] = {}
    for row, (day, code) in enumerate(zip(answered["entered"], answered["commodity"], strict=True)):
        groups.setdefault((day, code[:digits]), []).append(row)
    return groups


def _mean(rates: list[float]) -> float:
    """The mean; empty where any rate is."""
    return rates[0] if len(set(rates)) == 1 else fsum(rates) / len(rates)


def _some(texts: list[str]) -> str:
    """Distinct texts in order; of many, the first three and how many there are."""
    distinct = list(dict.fromkeys(text for text in texts if text))
    shown = " | ".join(distinct[:3])
    return shown if len(distinct) <= 3 else f"{shown} | ... {len(distinct)} in all"
