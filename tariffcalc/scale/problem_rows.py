"""The rows that could not be assessed, as a table: which row of which file, what is wrong, what to supply.

Rows are counted from 1, the header not counted, through all files; the column is named ``row_from_1``, since
the tables of Python count from 0. The same few messages concern very many rows, so that each text is held
once and rows refer to it by number.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tariffcalc.assessment.assessed import Assessed
from tariffcalc.declaration.problems import Problem
from tariffcalc.errors import ShipmentError
from tariffcalc.io.problem_files import ROW, SCHEMA

REFUSED, UNKNOWN, UNREAD, NOTE = "refused", "unknown", "unread", "note"
ReportedProblem = tuple[str, Problem]  # with its severity


def problems_of(estimate: Assessed) -> list[ReportedProblem]:
    """Why rows of an estimate could not be assessed (refused, or their duty or a fee unknown); and the claims
    and facts that had no effect."""
    refused = refused_by(estimate)
    try:
        estimate.raise_problems()
    except ShipmentError as error:
        found = [
            (REFUSED if number < len(refused) else UNKNOWN, problem)
            for number, problem in enumerate(error.problems)
        ]
    else:
        found = []
    return found + [(NOTE, problem) for problem in estimate.without_effect]


def refused_by(estimate: Assessed) -> Sequence[Problem]:
    """Why rows of an estimate could not be read."""
    try:
        estimate.raise_refused()
    except ShipmentError as error:
        return error.problems
    return ()


def problem_table(
    told: Sequence[ReportedProblem], first: int, starts: Sequence[int], files: Sequence[str]
) -> pa.Table:
    """One row per problem and row, in the order of the rows, of which the first has the number ``first``
    (from 0) in the whole run.

    ``starts`` are the numbers (from 0) of the first rows of the files.
    """
    if not told:
        return SCHEMA.empty_table()
    rows = np.concatenate([problem.rows for _, problem in told]) + first
    order = np.argsort(rows, kind="stable")
    rows = rows[order]
    which = np.repeat(np.arange(len(told)), [len(problem.rows) for _, problem in told])[order]
    texts = {
        "severity": [severity for severity, _ in told],
        "code": [problem.code for _, problem in told],
        "message": [problem.message for _, problem in told],
        "supply": [problem.supply for _, problem in told],
    }
    file = np.maximum(np.searchsorted(np.array(starts), rows, side="right") - 1, 0)
    columns = {
        ROW: pa.array(rows + 1),
        "file": pa.DictionaryArray.from_arrays(pa.array(file, pa.int32()), pa.array(files, pa.string())),
    }
    for name, values in texts.items():
        columns[name] = pa.array(values, pa.string()).dictionary_encode().take(pa.array(which))
    return pa.table(
        {
            name: columns[name].cast(SCHEMA.field(name).type) if name != ROW else columns[name]
            for name in SCHEMA.names
        },
        schema=SCHEMA,
    )


def counted_from_1(table: pa.Table) -> pa.Table:
    """A table of Python, which counts the ``row`` from 0, as a file has it."""
    place = table.column_names.index("row")
    return table.set_column(place, ROW, pc.add(table["row"], 1))
