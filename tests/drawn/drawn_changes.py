"""Changes of law for the tests, drawn from a rulebook, each with the lines it names: what goods, which
origins, on which days.

What a change names is worked out here from the change and the law before it, with the sets of the oracle and
nothing of the library's amendments.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

from fact_patterns import FactPatterns
from oracle import Declared

from tariffcalc.codes import dotted
from tariffcalc.law.measure import Measure, Spell
from tariffcalc.law.program import Program
from tariffcalc.law.selection import Selection, read_area, read_products
from tariffcalc.moments import NEVER, show_moment
from tariffcalc.windows import Window

Change = dict[str, Any]
DUTIES = ("none", "7%", "12.5%", "41%", "150%", "3% + $2/kg", "15% at least $4/kg")


class Drawn(NamedTuple):
    """A change as a file writes it, whether it names a line, the provisions at which lines may be aimed to be
    named, and the program it changes."""

    change: Change
    names: Callable[[Declared], bool]
    aims: list[tuple[Measure, Spell]]
    program: str = ""


class DrawnChanges:
    """Changes drawn at random from what a rulebook holds."""

    def __init__(self, patterns: FactPatterns, chance: Random) -> None:
        self.patterns, self.book, self.oracle, self.chance = patterns, patterns.book, patterns.oracle, chance
        self.held = self.book.territory.held
        self.programs = [
            each
            for each in self.book.programs.values()
            if any(spell for _, spell in self._spells(each)) and each.status != "absent"
        ]

    def draw(self, verb: str, program: Program) -> Drawn | None:
        """A change of a program by a verb; None where there is nothing for the verb to change."""
        draws = {
            "set_duty": self._set_duty, "set_duty narrowed": self._narrowed,
            "set_duty of a program": self._of_program, "extend": self._extend,
            "end": self._end, "add_measure": self._add_measure, "add_program": self._add_program,
            "add_to_list": self._add_to_list,
            "remove_from_list": self._remove_from_list,
            "suspend": self._suspend, "remove": self._remove, "exempt": self._exempt, "delay": self._delay,
            "raise_by": self._worked_out, "scale": self._worked_out, "cap": self._worked_out,
            "floor": self._worked_out, "scale where": self._where,
        }  # fmt: skip
        self.verb = verb
        drawn = draws[verb](program)
        return drawn and drawn._replace(program=drawn.change.get("add_program", program.program))

    # --- what is there
    # --------------------------------------------------------------------------------------------------------

    def _spells(self, program: Program) -> list[tuple[Measure, Spell]]:
        return [
            (each, spell)
            for each in program.measures
            for spell in each.history
            if spell.entered.overlap(self.held)
        ]

    def _days(self, line: Declared) -> set[int]:
        return {line.entered, line.entered if line.admitted is None else line.admitted}

    def _covers(self, line: Declared, day: int, origin: Selection, products: Selection) -> bool:
        return (
            self.oracle.in_area(origin, line.origin, day)
            and self.oracle.in_products(products, line.commodity, day) is not False
        )

    def _day_in(self, window: Window) -> int:
        """A day (from 00:01) inside a window and the days held."""
        held = window.overlap(self.held)
        assert held is not None
        first, last = held.on_or_after, min(held.before, held.on_or_after + 2 * 700)
        return min(self.chance.randrange(first, last) | 1, last - 1)

    def _window_in(self, window: Window) -> tuple[Change, Window]:
        """Some days of a window, as keys of a change."""
        start, end = sorted((self._day_in(window), self._day_in(window)))
        keys: Change = {}
        if self.chance.random() < 0.7:
            keys["on_or_after"] = show_moment(start)
        if self.chance.random() < 0.5 and start < end:
            keys["before"] = show_moment(end)
        return keys, Window(**keys)

    # --- the verbs
    # --------------------------------------------------------------------------------------------------------

    def _set_duty(self, program: Program) -> Drawn | None:
        measure, spell = self.chance.choice(self._spells(program))
        keys, window = self._window_in(spell.entered)
        return self._changed(
            {"set_duty": f"{program.program}/{measure.id}", "duty": self.chance.choice(DUTIES), **keys},
            window,
            [measure],
        )

    def _narrowed(self, program: Program) -> Drawn | None:
        """Narrowed to an origin or to some goods, or both."""
        wide = [
            (each, spell)
            for each, spell in self._spells(program)
            if each.origin.everything or each.products.everything
        ]
        if not wide:
            return None
        measure, spell = self.chance.choice(wide)
        keys, window = self._window_in(spell.entered)
        if measure.origin.everything:
            some = self.chance.sample(self.patterns.origins, min(3, len(self.patterns.origins)))
            keys["origin"] = ", ".join(dict.fromkeys([*some, *measure.origin.except_items[:2]]))
        if measure.products.everything and (len(keys) < 3 or self.chance.random() < 0.5):
            keys["products"] = ", ".join(
                {self.chance.choice(self.patterns.codes)[: self.chance.choice((2, 2, 4))] for _ in range(4)}
            )
        origin, products = read_area(keys.get("origin", "any")), read_products(keys.get("products", "all"))
        change = {"set_duty": f"{program.program}/{measure.id}", "duty": self.chance.choice(DUTIES), **keys}
        drawn = self._changed(change, window, [measure])
        aim = measure.model_copy(update={"origin": origin if "origin" in keys else measure.origin})
        aim = aim.model_copy(update={"products": products if "products" in keys else measure.products})
        return drawn._replace(
            names=lambda line: drawn.names(line) and self._covers(line, line.entered, origin, products),
            aims=[(aim, each) for _, each in drawn.aims],
        )

    def _of_program(self, program: Program) -> Drawn | None:
        charging = [
            each for each in program.measures if any(not spell.duty.is_none for spell in each.history)
        ]
        if not charging:
            return None
        keys, window = self._window_in(self.chance.choice(self._spells(program))[1].entered)
        return self._changed(
            {"set_duty": program.program, "duty": self.chance.choice(DUTIES), **keys}, window, charging
        )

    def _changed(self, change: Change, window: Window, measures: list[Measure]) -> Drawn:
        spells = [(each, spell, spell.entered.overlap(window)) for each in measures for spell in each.history]
        reached = [(each, spell, days) for each, spell, days in spells if days and days.overlap(self.held)]

        def names(line: Declared) -> bool:
            return any(
                day in days and self._covers(line, day, each.origin, each.products)
                for day in self._days(line)
                for each, _, days in reached
            )

        return Drawn(
            change,
            names,
            [(each, spell.model_copy(update={"entered": days})) for each, spell, days in reached],
        )

    def _extend(self, program: Program) -> Drawn | None:
        whole = self.chance.random() < 0.5
        measures = [
            each
            for each in (program.measures if whole else [self.chance.choice(self._spells(program))[0]])
            if each.history
        ]
        last = max(spell.entered.before for each in measures for spell in each.history)
        if last >= self.held.before:
            return None
        end = self._day_in(Window(on_or_after=last, before=NEVER)) + 2
        change: Change = {"extend": program.program if whole else f"{program.program}/{measures[0].id}"}
        change |= {"before": show_moment(end)} if self.chance.random() < 0.7 else {}
        window = Window(on_or_after=last, before=end if "before" in change else NEVER)

        def names(line: Declared) -> bool:
            """Goods in a zone since a day before owe what the program charged then, if it runs on."""
            if not any(day in window for day in self._days(line)):
                return False
            return any(
                self._covers(line, day, each.origin, each.products)
                for day in self._days(line)
                for each in measures
            )

        running = [
            (each, spell) for each in measures for spell in each.history if spell.entered.before == last
        ]
        return Drawn(
            change, names, [(each, spell.model_copy(update={"entered": window})) for each, spell in running]
        )

    def _end(self, program: Program) -> Drawn | None:
        whole = self.chance.random() < 0.3
        measure, spell = self.chance.choice(self._spells(program))
        before = self._day_in(spell.entered)
        change = {
            "end": program.program if whole else f"{program.program}/{measure.id}",
            "before": show_moment(before),
        }
        return self._changed(
            change, Window(on_or_after=before), list(program.measures) if whole else [measure]
        )

    def _new_measure(self) -> tuple[Change, Measure, Window]:
        origins = ", ".join(self.chance.sample(self.patterns.origins, min(2, len(self.patterns.origins))))
        codes = ", ".join(
            {self.chance.choice(self.patterns.codes)[: self.chance.choice((2, 4))] for _ in range(5)}
        )
        origin = self.chance.choice((origins, f"any except {origins}"))
        keys, window = self._window_in(self.held)
        spell: Change = {"entered": keys, "duty": self.chance.choice(DUTIES[1:])}
        written: Change = {
            "id": "drawn",
            "origin": origin,
            "products": self.chance.choice((codes, f"all except {codes}")),
            "history": [spell],
        }
        model = Measure.model_construct(
            id="drawn", origin=read_area(origin), products=read_products(written["products"]), history=()
        )
        return written, model, window

    def _added(self, change: Change, model: Measure, window: Window) -> Drawn:
        def names(line: Declared) -> bool:
            return any(
                day in window and self._covers(line, day, model.origin, model.products)
                for day in self._days(line)
            )

        any_spell = next(spell for each in self.programs for _, spell in self._spells(each))
        free = {"entered": window, "loaded": Window(), "exported": Window()}
        return Drawn(change, names, [(model, any_spell.model_copy(update=free))])

    def _add_measure(self, program: Program) -> Drawn | None:
        written, model, window = self._new_measure()
        above = self.chance.random() < 0.6
        written["instead_of" if above else "displaced_by"] = [each.id for each in program.measures]
        return self._added({"add_measure": program.program, "measure": written}, model, window)

    def _add_program(self, program: Program) -> Drawn | None:
        written, model, window = self._new_measure()
        return self._added({"add_program": "drawn.levy", "data": {"measures": [written]}}, model, window)

    def _suspend(self, program: Program) -> Drawn:
        measure, spell = self.chance.choice(self._spells(program))
        keys, window = self._window_in(spell.entered)
        if "on_or_after" not in keys:
            start = self._day_in(window)
            keys["on_or_after"], window = show_moment(start), Window(on_or_after=start, before=window.before)
        return self._changed({"suspend": f"{program.program}/{measure.id}", **keys}, window, [measure])

    def _remove(self, program: Program) -> Drawn:
        measure, _ = self.chance.choice(self._spells(program))
        whole = self.chance.random() < 0.3
        name = program.program if whole else f"{program.program}/{measure.id}"
        return self._changed({"remove": name}, Window(), list(program.measures) if whole else [measure])

    def _exempt(self, program: Program) -> Drawn | None:
        drawn = self._narrowed(program)
        if drawn is None:
            return None
        change = {key: value for key, value in drawn.change.items() if key not in ("set_duty", "duty")}
        return drawn._replace(change={"exempt": drawn.change["set_duty"], **change})

    def _delay(self, program: Program) -> Drawn:
        measure, spell = self.chance.choice(self._spells(program))
        to = self._day_in(spell.entered)
        change = {"delay": f"{program.program}/{measure.id}", "to": show_moment(to)}
        return self._changed(change, Window(before=to), [measure])

    def _amount(self, verb: str) -> Change:
        """What a verb works a duty out with."""
        if verb == "scale":
            return {"factor": self.chance.choice(("0", "50%", "1.5", "3"))}
        key = {"raise_by": "rate", "cap": "at_most", "floor": "at_least"}[verb]
        return {key: self.chance.choice(("1%", "4%", "22%", "3% + $2/kg"))}

    def _worked_out(self, program: Program) -> Drawn:
        measure, spell = self.chance.choice(self._spells(program))
        keys, window = self._window_in(spell.entered)
        change = {self.verb: f"{program.program}/{measure.id}", **self._amount(self.verb), **keys}
        return self._changed(change, window, [measure])

    def _where(self, program: Program) -> Drawn:
        """Of a program, all that reaches some origins or goods, or both, and charges something."""
        measure, spell = self.chance.choice(self._spells(program))
        keys, window = self._window_in(spell.entered)
        chosen: Change = {"program": program.program}
        if self.chance.random() < 0.7:
            reached = [each for each in measure.origin.items if each in self.patterns.origins]
            chosen["origin"] = self.chance.choice(reached or self.patterns.origins)
        if "origin" not in chosen or self.chance.random() < 0.5:
            chosen["chapter"] = self.chance.choice(self.patterns.codes)[:2]
        origin = read_area(chosen.get("origin", "any"))
        products = read_products(chosen.get("chapter", "all"))
        charging = [
            each for each in program.measures if any(not spell.duty.is_none for spell in each.history)
        ]
        drawn = self._changed({"scale": chosen, **self._amount("scale"), **keys}, window, charging)
        narrow = {"origin": origin} if "origin" in chosen else {}
        narrow |= {"products": products} if "chapter" in chosen else {}
        return drawn._replace(
            names=lambda line: drawn.names(line) and self._covers(line, line.entered, origin, products),
            aims=[(each.model_copy(update=narrow), spell) for each, spell in drawn.aims],
        )

    # --- lists
    # --------------------------------------------------------------------------------------------------------

    def _lists_of(self, program: Program) -> list[str]:
        return sorted({name for each in program.measures for name in each.products.names})

    def _add_to_list(self, program: Program) -> Drawn | None:
        lists = self._lists_of(program)
        codes = {
            self.chance.choice(self.patterns.codes)[: self.chance.choice((4, 6, 8, 10))] for _ in range(2)
        }
        spells = [(each, spell) for each, spell in self._spells(program) if each.products.names]
        if not lists or not spells:
            return None
        keys, window = self._window_in(self.chance.choice(spells)[1].entered)
        name = self.chance.choice(lists)
        return self._listed(
            {"add_to_list": name, "codes": sorted(map(dotted, codes)), **keys}, codes, window, name, program
        )

    def _remove_from_list(self, program: Program) -> Drawn | None:
        lists = [
            name
            for name in self._lists_of(program)
            if any(not member.excepted for member in self.book.lists[name].members)
        ]
        if not lists:
            return None
        name = self.chance.choice(lists)
        member = self.chance.choice(
            [member for member in self.book.lists[name].members if not member.excepted]
        )
        days = Window(on_or_after=member.start, before=member.end)
        if days.overlap(self.held) is None or not any(
            row.code.startswith(member.item) for row in self.book.schedule
        ):
            return None
        start = self._day_in(days)
        change = {"remove_from_list": name, "codes": dotted(member.item), "on_or_after": show_moment(start)}
        return self._listed(change, {member.item}, Window(on_or_after=start), name, program)

    def _listed(self, change: Change, codes: set[str], window: Window, name: str, program: Program) -> Drawn:
        def names(line: Declared) -> bool:
            near = any(
                line.commodity.startswith(code) or code.startswith(line.commodity[:8]) for code in codes
            )
            return near and any(day in window for day in self._days(line))

        here = read_products(", ".join(sorted(codes)))
        users = [
            (each, spell, spell.entered.overlap(window))
            for each, spell in self._spells(program)
            if name in each.products.names
        ]
        aims = [
            (each.model_copy(update={"products": here}), spell.model_copy(update={"entered": days}))
            for each, spell, days in users
            if days
        ]
        return Drawn(change, names, [aim for aim in aims if aim[1].entered.overlap(self.held)])
