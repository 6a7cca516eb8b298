"""A population of simulated firms as a Parquet file of codes, the input of the batch benchmarks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from capillary.diagnosis.simulate import simulate

if TYPE_CHECKING:
    from pathlib import Path

    from capillary.model.fields import Field
    from capillary.scoring.program import Program

ROWS_A_GROUP = 1 << 16
REGIONS, FIRST_SECTOR, LAST_SECTOR = 31, 13, 43


def write_population(path: Path, program: Program, firms: int, seed: int) -> None:
    """Write ``firms`` full sheets: codes in the narrowest type, rates as percentages, region and sector as official codes."""
    random = np.random.default_rng(seed)
    writer: parquet.ParquetWriter | None = None
    left = firms
    while left:
        rows = min(ROWS_A_GROUP, left)
        left -= rows
        columns = {
            field.id: _stored(field, codes, random)
            for field, codes in zip(program.fields, simulate(program, rows, random), strict=True)
        }
        columns["region"] = (110000 + 10000 * random.integers(0, REGIONS, rows)).astype(np.int32)
        columns["sector"] = random.integers(FIRST_SECTOR, LAST_SECTOR + 1, rows).astype(np.uint8)
        table = pa.table(columns)
        if writer is None:
            writer = parquet.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()


def _stored(field: Field, codes: np.ndarray, random: np.random.Generator) -> np.ndarray:
    if not field.upper:
        return codes.astype(np.uint8 if field.size <= 256 else np.uint16)
    edges = np.array([0, *(int(upper) for upper in field.upper), 100])
    inside = 1 + random.integers(0, np.iinfo(np.int32).max, len(codes)) % (edges[codes + 1] - edges[codes])
    return (edges[codes] + inside).astype(np.uint8)
