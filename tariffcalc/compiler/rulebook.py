"""What turns the law into arrays: a Rulebook becomes a CompiledLaw.

Spells are split where their product list or area changes, put in order of precedence, and laid out as bits; then each axis is cut
into classes.  What is ambiguous is refused here, with file and line: a circle of precedence, and two measures of one program that can
meet on a line with neither said to displace the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from math import lcm

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.axes import CodeAxis, classes_of, cuts_of, window_truth
from tariffcalc.compiled.duties import MILLION
from tariffcalc.compiled.law import (
    DAY_AXES,
    ENTRY_DAY,
    EXPORTED,
    LAW_DAY,
    LOADED,
    BaseChoice,
    Beside,
    CompiledLaw,
    CreditInfo,
    ProgramInfo,
    Rule,
    pack_bits,
)
from tariffcalc.compiler.conditions import TestNumbers, with_answers
from tariffcalc.compiler.divided import days_of_change, divide
from tariffcalc.compiler.duties import DutyNumbers
from tariffcalc.compiler.facts import compile_facts
from tariffcalc.compiler.limits import compile_limits
from tariffcalc.compiler.precedence import Row, refuse_overlaps
from tariffcalc.compiler.schedule import compile_schedule
from tariffcalc.compiler.sets import SetKey, SetTruth
from tariffcalc.compiler.stacking import compile_stacking, day_axis
from tariffcalc.compiler.valuation import compile_valuation
from tariffcalc.errors import CoverageError, CycleError, Finding, SeedError
from tariffcalc.law.act import Act
from tariffcalc.law.area import read_area
from tariffcalc.law.measure import Measure
from tariffcalc.law.measure_order import MeasureOrder
from tariffcalc.law.program import Program
from tariffcalc.law.renumbered import Successors
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.moments import ALWAYS, NEVER, show_moment
from tariffcalc.tags import TAGS, least_certain

Bools = NDArray[np.bool_]
SCHEDULED = {None: 0, "general": 1, "special": 2, "column2": 3}


def compile_rulebook(given: Rulebook) -> CompiledLaw:
    """A rulebook as arrays; raises SeedError with every finding."""
    book, inside = _without_its_own_parts(given.settled())
    territory = book.territory
    origins = tuple(origin.code for origin in book.origins)
    if not book.schedule:
        raise CoverageError(f"no tariff line of {territory.title} is held as known on {show_moment(book.known_on)}: give a later day")
    axis = CodeAxis.of((line.code for line in book.schedule), _listed_codes(book))
    code_index = {code: number for number, code in enumerate(axis.codes)}
    levels = _levels_of_programs(book)
    listed = {name: place for place, name in enumerate(book.territory.ledger_order)}
    names = sorted(levels, key=lambda name: (listed.get(name, len(listed)), name))
    program_index = {name: number for number, name in enumerate(names)}
    spis = tuple(dict.fromkeys(row.spi for row in book.preferences))
    duties = DutyNumbers(book.facts, frozenset(names), territory.minor_units)
    truth = SetTruth(axis, book.schedule, origins, book.lists, book.groups, book.acts, Successors(book.renumbered))
    numbers = TestNumbers(book.facts, spis)

    bits, words = _lay_out(book, names, truth)
    programs = tuple(_program_info(book.programs[name], stretch, levels[name], duties, numbers) for name, stretch in zip(names, words, strict=True))

    rule_tests = [
        [numbers.number(condition, day_axis(book.programs[names[row.program]])) for condition in row.measure.requires] if row else [] for row in bits
    ]
    test_masks = np.zeros((len(numbers.tests), len(bits)), bool)
    for bit, required in enumerate(rule_tests):
        test_masks[required, bit] = True
    real = np.array([row is not None for row in bits])
    nothing_codes, nothing_origins = np.zeros(len(axis.codes), bool), np.zeros(len(origins), bool)
    both = [row.goods.definite if row else nothing_codes for row in bits] + [row.goods.possible if row else nothing_codes for row in bits]
    product_class, product_truth, divided = divide(axis, book.schedule, *classes_of(both))
    origin_class, origin_truth = classes_of([row.origins if row else nothing_origins for row in bits])
    schedule_axis = day_axis(book.programs[territory.column_1]) if territory.column_1 in program_index else LAW_DAY
    facts = compile_facts(book, truth, numbers)
    changes = {schedule_axis: days_of_change(divided)}
    for part in (part for fact in facts.values() for part in fact.sum_of):
        changes.setdefault(part.axis, set()).update((day, NEVER) for day in part.cuts.tolist())
    day_cuts, day_masks = _day_axes(bits, real, book, changes)
    spi_cuts, spi_allowed = _preferences(book, spis, truth)
    return CompiledLaw(
        territory=territory.territory,
        title=territory.title,
        schedule_name=territory.schedule_name,
        currency=territory.currency,
        minor_units=territory.minor_units,
        round_to=territory.round_to,
        column_1=program_index.get(territory.column_1, -1),
        schedule_axis=schedule_axis,
        held=(territory.held.on_or_after, territory.held.before),
        statistical_lines_held_before=territory.statistical_lines_held_before,
        known_on=book.known_on,
        changes=book.changes,
        filing_order=territory.filing_order,
        programs=programs,
        rules=tuple(_rule(row, territory.minor_units) if row else None for row in bits),
        rule_duty=np.array([duties.number(row.spell.duty) if row and row.spell.duty.scheduled is None else -1 for row in bits], np.int64),
        rule_spi=np.array([spis.index(row.spell.duty.spi) if row and row.spell.duty.spi else -1 for row in bits], np.int64),
        rule_scheduled=np.array([SCHEDULED[row.spell.duty.scheduled] if row else 0 for row in bits], np.int8),
        segments=compile_schedule(book.schedule, axis, code_index, spis, duties, territory.column_1),
        duties=duties.table(),
        codes=axis,
        code_index=code_index,
        product_class=product_class,
        product_definite=pack_bits(product_truth[:, : len(bits)]),
        product_possible=pack_bits(product_truth[:, len(bits) :]),
        divided=divided,
        origins=origins,
        origin_names=_origin_names(book),
        inside=inside,
        groups=frozenset(name.casefold() for name in book.groups),
        origin_class=origin_class,
        origin_mask=pack_bits(origin_truth),
        day_cuts=day_cuts,
        day_masks=day_masks,
        tests=tuple(with_answers(numbers.tests, facts, spis)),
        test_masks=pack_bits(test_masks) if numbers.tests else np.zeros((0, len(bits) // 64), np.uint64),
        yieldings=compile_stacking(book, program_index, bits, day_cuts),
        spis=spis,
        spi_cuts=spi_cuts,
        spi_allowed=spi_allowed,
        spi_under=_claimed_under(book, spis, truth),
        facts=facts,
        acts={act.id: (act.title, act.citation, act.tag) for act in book.acts.values()},
        program_index=program_index,
        valuation=compile_valuation(book, axis),
        spi_names={name: spi for name, spi in book.spi_names.items() if spi in spis},
        limits=compile_limits(book.limits, axis, territory.minor_units),
        renumbered=tuple((row.old, row.new, row.day) for row in book.renumbered),
    )


def _without_its_own_parts(book: Rulebook) -> tuple[Rulebook, dict[str, str]]:
    """The book without the origins that are parts of the customs territory itself; their names, folded, and why nothing is imported from there."""
    inside = {part.origin: part for part in book.territory.inside}
    names = {
        name.casefold(): f"{origin.name} is inside the customs territory ({inside[origin.code].note or ', '.join(inside[origin.code].by)})"
        for origin in book.origins if origin.code in inside
        for name in (origin.code, origin.name, *origin.also) if name
    }  # fmt: skip
    return replace(book, origins=tuple(origin for origin in book.origins if origin.code not in inside)), names


def _lay_out(book: Rulebook, names: Sequence[str], truth: SetTruth) -> tuple[list[Row | None], list[slice]]:
    """Every rule on one row of bits, and the words of each program; raises the errors of all programs together."""
    errors: list[SeedError] = []
    bits: list[Row | None] = []
    words = []
    for number, name in enumerate(names):
        program = book.programs[name]
        try:
            order = MeasureOrder.of(program)
            rows = _rows(program, number, order, truth, book.acts)
            refuse_overlaps(program, order, rows)
        except SeedError as error:
            errors.append(error)
            continue
        start = len(bits) // 64
        bits += [*rows, *([None] * (-len(rows) % 64 if rows else 64))]
        words.append(slice(start, len(bits) // 64))
    if errors:
        kind = type(errors[0]) if len({type(error) for error in errors}) == 1 else SeedError
        raise kind([finding for error in errors for finding in error.findings])
    if not bits:
        raise SeedError("no program has any measure")
    return bits, words


def _program_info(program: Program, words: slice, level: int, duties: DutyNumbers, numbers: TestNumbers) -> ProgramInfo:
    bases = tuple(
        BaseChoice(
            base.text,
            tuple((rate.numerator, rate.denominator, amount) for rate, amount in duties.terms(base.base)),
            tuple(numbers.number(condition, day_axis(program)) for condition in base.when),
            base.in_proportion,
            base.heading,
            base.by,
        )
        for base in program.charged_on
    )
    return ProgramInfo(
        name=program.program,
        title=program.title,
        kind=program.kind,
        per_shipment=program.per == "shipment",
        status=program.status,
        axis=day_axis(program),
        words=words,
        bases=bases,
        base_scale=lcm(1, *(denominator for base in bases for _, denominator, _ in base.amounts)),
        level=level,
        reviewed_through=program.reviewed.through,
        note=program.note,
        drawback=tuple((each.entered.on_or_after, each.entered.before, each.eligible) for each in program.drawback),
        creditable=CreditInfo(program.creditable.by, program.creditable.tag, program.creditable.note) if program.creditable else None,
    )


def _listed_codes(book: Rulebook) -> set[str]:
    """Every code that a list or a measure names."""
    selections = [measure.products for program in book.programs.values() for measure in program.measures]
    named = {member.item for each in book.lists.values() for member in each.members}
    return named.union(*(set(selection.items) | set(selection.except_items) for selection in selections))


def _levels_of_programs(book: Rulebook) -> dict[str, int]:
    """Each program with its level, after those whose amounts it is charged on or measured against, column 1 first; raises CycleError."""
    needs = {name: _amounts_of_programs(program) & set(book.programs) for name, program in book.programs.items()}
    levels: dict[str, int] = {}
    while len(levels) < len(needs):
        ready = [name for name, needed in needs.items() if name not in levels and needed <= set(levels)]
        if not ready:
            circle = ", ".join(sorted(set(needs) - set(levels)))
            raise CycleError([Finding("C001", f"programs are charged on each other in a circle: {circle}")])
        for name in ready:
            levels[name] = max((levels[needed] + 1 for needed in needs[name]), default=0)
    return levels


def _amounts_of_programs(program: Program) -> set[str]:
    named = {term.of for base in program.charged_on for term in base.base}
    for measure in program.measures:
        for spell in measure.history:
            named |= spell.duty.amounts()
    return {name.removeprefix("charged ") for name in named if name.startswith("charged ")}


def _rows(program: Program, number: int, order: MeasureOrder, truth: SetTruth, acts: dict[str, Act]) -> list[Row]:
    """The rules of a program: each spell over each state of its sets, apart for goods that a list names less certainly than the spell itself is."""
    rows = []
    for measure in order.by_precedence:
        for spell in measure.history:
            own = TAGS.index(least_certain([spell.tag, *(acts[act].tag for act in spell.by if act in acts)]))
            window = (spell.entered.on_or_after, spell.entered.before)
            try:
                states = _states(measure, window, truth)
            except SeedError as error:
                raise SeedError(
                    [Finding("C002", f"{measure.id}: {finding.message}", measure.file, measure.line) for finding in error.findings]
                ) from None
            for start, end, products, origins in states:
                windows = [(ALWAYS, NEVER)] * len(DAY_AXES)
                if program.ceased and spell.entered.before <= program.ceased.before:
                    windows[ENTRY_DAY] = (ALWAYS, program.ceased.before)
                windows[day_axis(program)] = (start, end)
                windows[LOADED] = (spell.loaded.on_or_after, spell.loaded.before)
                windows[EXPORTED] = (spell.exported.on_or_after, spell.exported.before)
                rows += [Row(number, measure, spell, tuple(windows), part, truth.origins(origins)) for part in truth.parts(products, own)]
    return rows


def _states(measure: Measure, window: tuple[int, int], truth: SetTruth) -> list[tuple[int, int, SetKey, SetKey]]:
    """The window in pieces over which products and origins stay the same; neighbours that are the same are one."""
    edges = {edge for piece in truth.states(measure.products, "list", window) for edge in piece}
    edges |= {edge for piece in truth.states(measure.origin, "area", window) for edge in piece}
    ordered = sorted(edges)
    pieces: list[tuple[int, int, SetKey, SetKey]] = []
    for start, end in pairwise(ordered):
        products, origins = truth.key(measure.products, "list", start), truth.key(measure.origin, "area", start)
        if pieces and pieces[-1][2:] == (products, origins):
            pieces[-1] = (pieces[-1][0], end, products, origins)
        else:
            pieces.append((start, end, products, origins))
    return [piece for piece in pieces if _takes(piece[2]) and _takes(piece[3])]


def _takes(key: SetKey) -> bool:
    taken, _, everything, *_, partly, _ = key
    return bool(taken or everything or partly)


def _day_axes(
    bits: Sequence[Row | None], real: Bools, book: Rulebook, more: dict[int, set[tuple[int, int]]]
) -> tuple[tuple[NDArray[np.int64], ...], tuple[NDArray[np.uint64], ...]]:
    """For each axis of days its cuts, and the rules that every class admits; it is cut where stacking changes too, and at the edges of ``more``."""
    cuts, masks = [], []
    for axis in range(len(DAY_AXES)):
        windows = [row.windows[axis] if row else (ALWAYS, NEVER) for row in bits]
        stacking = [entry for entry in book.stacking if entry.program in book.programs and day_axis(book.programs[entry.program]) == axis]
        edges = [(entry.entered.on_or_after, entry.entered.before) for entry in stacking]
        cuts.append(cuts_of([*windows, *edges, *more.get(axis, ())]))
        masks.append(pack_bits(window_truth(cuts[-1], windows) & real))
    return tuple(cuts), tuple(masks)


def _preferences(book: Rulebook, spis: Sequence[str], truth: SetTruth) -> tuple[NDArray[np.int64], Bools]:
    """Cuts of days, and who may claim each special program in each class of them."""
    windows: list[tuple[int, int]] = []
    members: list[tuple[int, Bools]] = []
    for row in book.preferences:
        area = read_area(row.origins)
        for start, end in truth.states(area, "area", (row.start, row.end)):
            windows.append((start, end))
            members.append((spis.index(row.spi), truth.origins(truth.key(area, "area", start))))
    cuts = cuts_of(windows or [(ALWAYS, NEVER)])
    allowed = np.zeros((len(spis) + 1, len(book.origins), len(cuts) + 1), bool)  # the last row is for no claim
    for (spi, origins), inside in zip(members, window_truth(cuts, windows).T if windows else (), strict=True):
        allowed[spi] |= origins[:, None] & inside[None, :]
    return cuts, allowed


def _claimed_under(book: Rulebook, spis: Sequence[str], truth: SetTruth) -> tuple[tuple[int, Bools, str], ...]:
    """The goods that claim a special program under lines of their own, and those lines; each once."""
    named = {(row.spi, row.goods.text, row.under): row.goods for row in book.preferences if row.goods}
    return tuple((spis.index(spi), truth.products(truth.key(goods, "list", ALWAYS))[0], under) for (spi, _, under), goods in named.items())


def _rule(row: Row, minor_units: int) -> Rule:
    measure, spell = row.measure, row.spell
    start, end = min(row.windows[LAW_DAY], row.windows[ENTRY_DAY], key=lambda window: window[1] - window[0])
    limits = [None if limit is None else int(limit * minor_units) for limit in (spell.shipment_at_least, spell.shipment_at_most)]
    return Rule(
        row.program, measure.id, measure.title, measure.heading, measure.nothing_due_under, spell.duty.text, start, end,
        (*spell.by, *(act for act in row.goods.by if act not in spell.by)), least_certain([spell.tag, row.goods.tag]),
        row.goods.note or spell.note or measure.note, limits[0], limits[1],
        Beside(measure.beside.heading, measure.beside.of, int(measure.beside.at_most * MILLION)) if measure.beside else None,
    )  # fmt: skip


def _origin_names(book: Rulebook) -> dict[str, tuple[str, ...]]:
    """Every way to write an origin, folded, with the codes it may mean (more than one: ambiguous)."""
    names: dict[str, tuple[str, ...]] = {}
    for origin in book.origins:
        for name in dict.fromkeys((origin.code, origin.name, *origin.also)):
            key = name.casefold()
            if key and origin.code not in names.get(key, ()):
                names[key] = (*names.get(key, ()), origin.code)
    codes = {origin.code.casefold(): (origin.code,) for origin in book.origins}
    return names | codes
