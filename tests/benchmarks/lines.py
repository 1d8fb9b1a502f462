"""Realistic lines for the benchmarks: goods and origins drawn together by value from a trade file, days over
the whole period, modes of transport, a tenth with claims.

The file of imports from 51 partners in 2024 (US Census Bureau) is used where it stands beside the checkout;
elsewhere the goods come from the imports from India that the project carries, and origins from a list.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

REPOSITORY = Path(__file__).resolve().parents[2]
INDIA = REPOSITORY / "examples" / "us_imports_from_india_2024.csv"
PARTNERS = (
    REPOSITORY.parent / "shared" / "data" / "trade" / "us_imports_2024_hs10_51countries_value_duty.csv.gz"
)

NAMES = "IN CN VN MX CA DE JP KR TW TH MY ID BD PK LK GB FR IT ES NL CH BR TR IL SG AU PH KH HK ZA"
ORIGINS = NAMES.split()
UNION = ("DE", "IE", "IT", "FR", "NL")  # for the European Union, which is one partner of the file
# the latter from the neighbours
MODES, OVER_SEA, OVER_LAND = ("vessel", "air", "truck", "rail"), (0.6, 0.4, 0, 0), (0.05, 0.1, 0.65, 0.2)
NEIGHBOURS = ("CA", "MX")
CLAIMS = ["S", "KR", "civil_aircraft", "S|civil_aircraft"]
GROUP = 1 << 19  # rows of a Parquet row group


def _goods() -> tuple[NDArray[np.object_], NDArray[np.object_], NDArray[np.float64]]:
    """Commodities, origins and the weight of each pair."""
    if not PARTNERS.is_file():
        imports = pd.read_csv(INDIA, dtype={"commodity": str})
        pairs = imports[["commodity", "value"]].merge(pd.DataFrame({"origin": ORIGINS}), how="cross")
        return (
            pairs["commodity"].to_numpy(object),
            pairs["origin"].to_numpy(object),
            pairs["value"].to_numpy(float),
        )
    codes = pd.read_csv(REPOSITORY / "seeds" / "geography.csv", dtype=str, keep_default_na=False)
    of_census = dict(zip(codes["census"], codes["code"], strict=True))
    trade = pd.read_csv(PARTNERS, dtype={"CTY_CODE": str, "HS10": str})
    trade = trade[trade["CTY_NAME"] != "SLOVAKIA"]  # in the Union already
    origin = trade["CTY_CODE"].map(of_census).to_numpy(object)
    union = np.flatnonzero((trade["CTY_CODE"] == "0003").to_numpy())
    origin[union] = np.array(UNION, object)[np.arange(len(union)) % len(UNION)]
    known = np.array([isinstance(each, str) for each in origin])
    return trade["HS10"].to_numpy(object)[known], origin[known], trade["imports"].to_numpy(float)[known]


def realistic_lines(size: int, seed: int = 1) -> pd.DataFrame:
    """Lines as an importer's table has them."""
    draw = np.random.default_rng(seed)
    commodity, origin, weight = _goods()
    picked = draw.choice(len(commodity), size, p=weight / weight.sum())
    days = pd.date_range("2025-01-01", "2026-09-30").strftime("%Y-%m-%d").to_numpy(object)
    claims = np.full(size, None, object)
    claimed = draw.random(size) < 0.1
    claims[claimed] = np.array(CLAIMS, object)[draw.integers(0, len(CLAIMS), int(claimed.sum()))]
    by_land = np.isin(origin[picked].astype(str), NEIGHBOURS)
    transport = np.where(
        by_land, *(draw.choice(np.array(MODES, object), size, p=shares) for shares in (OVER_LAND, OVER_SEA))
    )
    return pd.DataFrame(
        {
            "commodity": commodity[picked],
            "origin": origin[picked],
            "entered": days[draw.integers(0, len(days), size)],
            "value": np.round(draw.lognormal(8, 2, size), 2),
            "transport": transport,
            "claims": claims,
            "quantity_kg": np.where(draw.random(size) < 0.1, np.round(draw.lognormal(5, 1, size), 1), np.nan),
        }
    )


def even_lines(codes: NDArray[np.object_], size: int, seed: int = 1) -> pd.DataFrame:
    """Lines of a territory of whose trade no file is held: its codes at even odds, four origins, whole
    amounts in its currency."""
    draw = np.random.default_rng(seed)
    days = pd.date_range("2025-02-02", "2026-09-30").strftime("%Y-%m-%d").to_numpy(object)
    return pd.DataFrame(
        {
            "commodity": codes[draw.integers(0, len(codes), size)],
            "origin": np.array([*ORIGINS[:2], "US", "DE"], object)[draw.integers(0, 4, size)],
            "entered": days[draw.integers(0, len(days), size)],
            "value": np.round(draw.lognormal(12, 2, size)),
            "quantity_kg": np.where(draw.random(size) < 0.1, np.round(draw.lognormal(5, 1, size), 1), np.nan),
        }
    )


def write_lines(path: Path, size: int, block: int = 1 << 21) -> None:
    """A Parquet file of lines, the text of which is drawn in blocks."""
    with pq.ParquetWriter(
        path, pa.Table.from_pandas(realistic_lines(1000), preserve_index=False).schema
    ) as writer:
        for number, start in enumerate(range(0, size, block)):
            lines = realistic_lines(min(block, size - start), seed=number + 1)
            writer.write_table(pa.Table.from_pandas(lines, preserve_index=False), row_group_size=GROUP)
