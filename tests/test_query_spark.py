"""The query on Spark: the same expression as on DuckDB, on a local session, equals evaluate."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
import pyarrow as pa
import pytest

from capillary.content import load_standard
from capillary.scoring.program import compile_standard
from capillary.scoring.query import query

from .strategies import random_codes
from .test_scoring_properties import column_of, expected_columns, hold_nulls, open_codes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from capillary.scoring.program import Program

    from .strategies import Raw

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("spark"),  # one JVM is enough
    # PySpark warns of pandas 3 whatever it is asked to do; neither the product nor these tests use pandas
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
]
SHEETS = 200


@pytest.fixture(scope="module")
def spark() -> Iterator[ibis.BaseBackend]:
    """A local session of one thread that nobody else can reach; it and its JVM end with the tests."""
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    before = os.environ.get("SPARK_LOCAL_IP")
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    session = (
        SparkSession.builder.master("local[1]")
        .appName("capillary-tests")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.log.level", "ERROR")
        .config("spark.driver.memory", "1g")
        .getOrCreate()
    )
    try:
        yield ibis.pyspark.connect(session)
    finally:
        session.stop()
        gateway = SparkContext._gateway
        SparkContext._gateway = SparkContext._jvm = None
        gateway.shutdown()
        gateway.proc.stdin.close()
        gateway.proc.wait(timeout=30)
        if before is None:
            del os.environ["SPARK_LOCAL_IP"]
        else:
            os.environ["SPARK_LOCAL_IP"] = before


def _ask(
    backend: Any, program: Program, codes: Sequence[Sequence[int | None]], layout: str, unknown: str = "null"
) -> Raw:
    arrays = [column_of(field, values, layout) for field, values in zip(program.fields, codes, strict=True)]
    table = pa.table(arrays, names=[field.id for field in program.fields])
    backend._session.createDataFrame(table).createOrReplaceTempView("sheets")
    wide = query(program, backend.table("sheets"), unknown=unknown)
    outputs = [name for name in wide.columns if name not in table.column_names]
    # the answer comes straight from Spark: on its way through Ibis it would become a pandas table
    found: Raw = backend._session.sql(backend.compile(wide[outputs])).toArrow().to_pydict()
    return found


@pytest.mark.parametrize("identifier", ["miit-2024", "eu-dii-v3", "eu-dma"])
@pytest.mark.parametrize("layout", ["codes", "narrow codes", "keys", "arrays"])
def test_the_query_on_spark_equals_evaluate(spark: Any, identifier: str, layout: str) -> None:
    program = compile_standard(load_standard(identifier))
    ends = [np.array([0, field.top]) for field in program.fields]
    codes = [
        np.append(*pair) for pair in zip(random_codes(program.fields, SHEETS - 2, seed=67), ends, strict=True)
    ]
    found = _ask(spark, program, [code.tolist() for code in codes], layout)
    expected = expected_columns(program, codes)
    assert found == expected
    assert len(found["score"]) == SHEETS


@pytest.mark.parametrize("identifier", ["miit-2024", "eu-dii-v3", "eu-dma"])
def test_the_query_on_spark_with_unknown_at_its_ends_equals_bounds(spark: Any, identifier: str) -> None:
    program = compile_standard(load_standard(identifier))
    low, some, high = open_codes(program, SHEETS, seed=71)
    assert _ask(spark, program, some, "codes", "lowest") == expected_columns(program, low)
    assert _ask(spark, program, some, "codes", "highest") == expected_columns(program, high)


@pytest.mark.parametrize("identifier", ["miit-2024", "eu-dii-v3", "eu-dma"])
def test_the_query_on_spark_gives_null_where_an_answer_is_unknown(spark: Any, identifier: str) -> None:
    program = compile_standard(load_standard(identifier))
    low, some, high = open_codes(program, SHEETS, seed=107)
    hold_nulls(program, _ask(spark, program, some, "codes"), some, low, high)
