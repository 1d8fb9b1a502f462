"""An Excel workbook of an estimate: the sheets *lines*, *summary* and *problems*, ready to filter and to add
up.

Numbers and days are written as such.  Text stays text: a code keeps its leading zeros, and a cell that begins
with ``=`` is no formula.  A column that the law does not know is written as numbers, or as days, only where
every cell of it is one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from tariffcalc.declaration import OPTIONAL, QUANTITY, REQUIRED, VALUATION_AMOUNTS
from tariffcalc.declaration.arrow_columns import decoded
from tariffcalc.errors import ShipmentError
from tariffcalc.io.csv_text import written

if TYPE_CHECKING:
    from tariffcalc.compiled.law import CompiledLaw

_NUMBER = r"^-?(0|[1-9]\d*)(\.\d+)?$"
_DAY = r"^(19|20)\d\d-\d\d-\d\d$"
_MOST_DIGITS = 15  # that Excel keeps
MOST_LETTERS, MOST_COLUMNS = 32_767, 16_384  # of a cell and a sheet
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LOOKED_AT = 1000  # rows that decide how wide a column is
_NARROWEST, _WIDEST = 9, 60
_CENT = "0.00"
MONEY, COUNT, SHARE, NUMBER, DAY, TEXT = f"#,##{_CENT}", "#,##0", f"{_CENT}%", "General", "yyyy-mm-dd", "@"
_DAYS = ("entered", "loaded", "exported", "admitted")
_SHARES = ("effective_rate", "share of value")
_COUNTS = ("row_from_1", "rows", "unknown rows", "unknown")
_MONEY = (
    "value",
    "duty",
    "duty_in_scenario",
    "before",
    "after",
    "change",
    "fees",
    "total",
    "net_of_credit",
    "amount",
)


def formats_of(law: CompiledLaw) -> dict[str, str]:
    """How the columns that a law knows are shown, by name: money, shares, other numbers, days, text."""
    known = dict.fromkeys([*REQUIRED, *OPTIONAL], TEXT) | dict.fromkeys(law.facts, TEXT)
    known |= {name: MONEY for name, fact in law.facts.items() if fact.type == "money"}
    known |= {name: NUMBER for name, fact in law.facts.items() if fact.type in ("number", "share")}
    known |= dict.fromkeys(VALUATION_AMOUNTS, MONEY) | {"exchange_rate": NUMBER}
    known |= {program.name: MONEY for program in law.programs}
    return (
        known
        | dict.fromkeys(_MONEY, MONEY)
        | dict.fromkeys(_SHARES, SHARE)
        | dict.fromkeys(_COUNTS, COUNT)
        | dict.fromkeys(_DAYS, DAY)
    )


class Column(NamedTuple):
    """A column of a sheet: its cells, how they are shown, and how wide it is [characters]."""

    name: str
    cells: list[Any]
    format: str
    width: float


def write_workbook(
    path: Path, sheets: Mapping[str, pa.Table], formats: Mapping[str, str], shown: Path
) -> None:
    """Write tables as the sheets of one workbook, each with its header frozen and filtered; ``shown`` is its
    name in messages.

    Raises ShipmentError for what a workbook cannot hold.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for name, table in sheets.items():
        if len(table.column_names) > MOST_COLUMNS:
            raise ShipmentError(
                f"{shown}: the sheet {name} would have more than {MOST_COLUMNS:,} columns: write .csv or"
                " .parquet"
            )
        columns = [
            _column(column, table.column(place), formats) for place, column in enumerate(table.column_names)
        ]
        _check_lengths(shown, name, columns)
        _write_sheet(book.create_sheet(name), columns, table.num_rows)
    book.save(path)


def _check_lengths(shown: Path, sheet: str, columns: list[Column]) -> None:
    for column in columns:
        for row, cell in enumerate([column.name, *column.cells]):
            if (
                isinstance(cell, str)
                and len(cell) > MOST_LETTERS // 2
                and (length := len(cell.encode("utf-16-le")) // 2) > MOST_LETTERS
            ):
                where = f"row {row:,}" if row else "the header"
                raise ShipmentError(
                    f"{shown}: the sheet {sheet}, {where}, column {column.name[:60]!r}: a cell has {length:,}"
                    f" characters, and Excel holds {MOST_LETTERS:,}: shorten it, or write .csv or .parquet"
                )


def _write_sheet(sheet: Any, columns: list[Column], size: int) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    sheet.freeze_panes = "A2"
    for number, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    if columns:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{size + 1}"
    bold = {"font": Font(bold=True), "alignment": Alignment(vertical="top")}
    sheet.append([_cell(sheet, column.name, TEXT, bold) for column in columns])
    for row in zip(*(column.cells for column in columns), strict=True):
        sheet.append(
            [_shown(sheet, value, column.format) for value, column in zip(row, columns, strict=True)]
        )


def _shown(sheet: Any, value: Any, form: str) -> Any:
    """A cell; without a style of its own where it needs none."""
    if value is None or (form == NUMBER and not isinstance(value, str | date)):
        return value
    if isinstance(value, str):
        return _cell(sheet, value, TEXT) if value[:1] in "=+-@" else value
    return _cell(
        sheet,
        value,
        DAY if isinstance(value, date) and form != DAY and not isinstance(value, datetime) else form,
    )


def _cell(sheet: Any, value: Any, form: str, style: Mapping[str, Any] | None = None) -> Any:
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        cell.data_type = "s"
        cell.quotePrefix = value[:1] in "=+-@"  # stays text also when somebody edits the cell
    elif form != TEXT:
        cell.number_format = form
    for name, look in (style or {}).items():
        setattr(cell, name, look)
    return cell


# --- the cells of a column
# ------------------------------------------------------------------------------------------------------------


def _column(name: str, column: pa.ChunkedArray, formats: Mapping[str, str]) -> Column:
    column = decoded(column)
    form = NUMBER if name.startswith(QUANTITY) else formats.get(name, "")
    if _is_text(column.type):
        cells, form = _text_cells(column, form)
    else:
        read = _reader(column.type)
        cells = [None if value is None else read(value) for value in _values(column)]
        if form == TEXT:
            cells = [value if value is None else _plain(str(value)) for value in cells]
        form = form or (DAY if pa.types.is_date(column.type) else NUMBER)
    title = _plain(name)
    return Column(title, cells, form, _width(title, cells, form))


def _values(column: pa.ChunkedArray) -> list[Any]:
    """The values of a column; as text where Python has none such, as days beyond its calendar."""
    try:
        return list(column.to_pylist())
    except (ValueError, OverflowError):
        return list(column.cast(pa.string()).to_pylist())


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _reader(kind: pa.DataType) -> Callable[[Any], Any]:
    """What makes a cell of a value of Arrow."""
    if pa.types.is_floating(kind):
        return lambda value: value if value - value == 0 else None  # not a number, or endless
    if pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        return lambda value: (
            value if len(str(value).strip("-").replace(".", "")) <= _MOST_DIGITS else str(value)
        )
    if pa.types.is_boolean(kind):
        return lambda value: value
    if pa.types.is_date(kind):
        return lambda value: value if isinstance(value, date) and value.year > 1900 else str(value)
    if pa.types.is_timestamp(kind) and kind.tz is None:
        return lambda value: value if isinstance(value, datetime) and value.year > 1900 else str(value)
    return lambda value: _plain(written(value))


def _text_cells(column: pa.ChunkedArray, form: str) -> tuple[list[Any], str]:
    """Text as the numbers or days it holds: cell by cell in a column the law reads so, otherwise where every
    cell is one."""
    if form == TEXT:
        return [None if value is None else _plain(value) for value in column.to_pylist()], TEXT
    if not form:
        trimmed = pc.drop_null(column)
        if len(trimmed) and pc.all(pc.match_substring_regex(trimmed, _DAY)).as_py():
            form = DAY
        elif len(trimmed) and _all_numbers(trimmed):
            form = NUMBER
        else:
            return [None if value is None else _plain(value) for value in column.to_pylist()], TEXT
    read = _day_of if form == DAY else _number_of
    return [None if value is None else read(value) for value in column.to_pylist()], form


def _all_numbers(column: pa.ChunkedArray) -> bool:
    numbers = pc.and_(
        pc.match_substring_regex(column, _NUMBER), pc.less_equal(pc.binary_length(column), _MOST_DIGITS)
    )
    return bool(pc.all(numbers).as_py())


def _day_of(text: str) -> Any:
    try:
        return date.fromisoformat(text.strip()) if re.match(_DAY, text.strip()) else _plain(text)
    except ValueError:
        return _plain(text)


def _number_of(text: str) -> Any:
    """The number a text holds; the text itself where it is none, or has more digits than Excel keeps."""
    stripped = text.strip()
    if not re.match(_NUMBER, stripped) or len(stripped) > _MOST_DIGITS:
        return _plain(text)
    number = Decimal(stripped)
    return int(number) if number == int(number) else float(number)


def _plain(text: str) -> str:
    """Text that a workbook can hold."""
    return _NOT_IN_XML.sub("\ufffd", text)


def _width(name: str, cells: list[Any], form: str) -> float:
    """As wide as the header with its filter, and as the widest of the first cells."""
    longest = max(map(len, _texts(cells[:_LOOKED_AT], form)), default=0)
    return min(max(len(name) + 4, longest + 2, _NARROWEST), _WIDEST)


def _texts(cells: list[Any], form: str) -> Iterator[str]:
    for value in cells:
        if isinstance(value, int | float | Decimal) and form in (MONEY, COUNT):
            yield f"{value:,.2f}"
        elif value is not None:
            yield str(value) if form != SHARE or isinstance(value, str) else f"{value:.2%}"
