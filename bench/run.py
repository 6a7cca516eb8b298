"""``make bench``: speed and memory as ratios to something measured in the same run.

Figures of one machine mean little on another; ratios mean more. Every block prints what it compares.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from capillary.content import load_standard
from capillary.diagnosis.interview import Interview, smallest_certificate
from capillary.diagnosis.simulate import simulate
from capillary.scoring.program import compile_standard

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "build" / "bench"
SEED = 56
# Published by a peer for saving one answer of an assessment with 100 questions; quoted, not measured here.
PEER_QUERIES, PEER_SECONDS = 982, 1.9


def main() -> None:
    """Run all blocks, or those named."""
    parser = argparse.ArgumentParser()
    engines = ["batch", "memory", "one", "interview", "hundred", "spark"]
    parser.add_argument(
        "blocks",
        nargs="*",
        default=[
            *engines,
            "plans",
            "incentives",
            "allocation",
            "market",
            "search",
            "answers",
            "lists",
            "server",
        ],
    )
    parser.add_argument("--sheets", type=int, default=5_000_000)
    parser.add_argument("--firms", type=int, default=2_000)
    given = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    blocks = {
        "batch": lambda: batch(given.sheets),
        "memory": lambda: memory(given.sheets),
        "one": one_sheet,
        "interview": lambda: interview(given.firms),
        "hundred": hundred_questions,
        "spark": lambda: spark(min(given.sheets, 1_000_000)),
        "plans": lambda: own_process("plans.py"),
        "incentives": lambda: own_process("incentives.py"),
        "allocation": lambda: own_process("allocation.py"),
        "market": lambda: own_process("market.py"),
        "search": lambda: own_process("search.py"),
        "answers": lambda: on_both_databases("web_answers.py"),
        "lists": lambda: on_both_databases("web_lists.py"),
        "server": lambda: own_process("web_server.py"),
    }
    for name in given.blocks:
        print(f"\n== {name}")
        blocks[name]()


def own_process(script: str, *before: str) -> None:
    """Run a script of this folder in a process of its own; it prints what it measures, also where an aim is missed."""
    subprocess.run([*before, sys.executable, str(ROOT / "bench" / script)], check=False)


def on_both_databases(script: str) -> None:
    """Run a script on SQLite, and on a PostgreSQL that lives only as long."""
    os.environ.pop("DATABASE_URL", None)
    own_process(script)
    own_process(script, sys.executable, str(ROOT / "tools" / "with_postgres.py"))


def population(sheets: int) -> Path:
    """Return the file of the population, written once."""
    from population import write_population

    path = FOLDER / f"miit-2024-{sheets}.parquet"
    if not path.exists():
        unfinished = path.with_suffix(".part")
        write_population(unfinished, compile_standard(load_standard("miit-2024")), sheets, SEED)
        unfinished.replace(path)
    return path


def median_of(function: object, times: int = 5) -> float:
    """Return the median wall time of a call, in seconds, after one that does not count."""
    function()
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def batch(sheets: int) -> None:
    """Levels by region and sector: our two readings against DuckDB that only scans and sums the same columns."""
    import duckdb
    import ibis

    from capillary.fleet.parquet import level_table
    from capillary.scoring.query import query

    path = population(sheets)
    program = compile_standard(load_standard("miit-2024"))
    columns = [*(field.id for field in program.fields), "region", "sector"]
    plain = duckdb.connect()
    plain.execute("SET threads = 2")
    sums = f"SELECT {', '.join(f'sum({name})' for name in columns)} FROM '{path}'"
    backend = ibis.duckdb.connect()
    backend.raw_sql("SET threads = 2")
    scored = query(program, backend.read_parquet(path))
    counted = scored.group_by(["region", "sector", "level"]).aggregate(sheets=scored.count())
    text = ibis.to_sql(counted, dialect="duckdb")
    counts = level_table(path, program, ["region", "sector"]).counts
    rows = {((str(r), str(s)), lv): n for r, s, lv, n in backend.raw_sql(text).fetchall()}
    if rows != dict(counts):
        raise SystemExit("evaluate and query disagree")
    scan = median_of(lambda: plain.execute(sums).fetchall())
    ours = median_of(lambda: level_table(path, program, ["region", "sector"]))
    expression = median_of(lambda: backend.raw_sql(text).fetchall())
    print(
        f"{sheets:,} sheets, {len(columns)} columns, 2 threads; evaluate and query agree on {len(counts)} counts"
    )
    print(f"DuckDB scans and sums the columns   {scan:7.3f} s   1.00")
    print(f"evaluate, levels by region, sector  {ours:7.3f} s   {ours / scan:.2f}   (aim: at most 2)")
    print(
        f"query on DuckDB, the same           {expression:7.3f} s   {expression / scan:.2f}   (aim: at most 5)"
    )


def memory(sheets: int) -> None:
    """Peak memory of `evaluate` in a process of its own, on a fifth of the sheets and on all.

    VmHWM rather than ru_maxrss: the latter begins with what the parent process had when it forked.
    """
    for count in (sheets // 5, sheets):
        path = population(count)
        code = (
            "import sys; from pathlib import Path\n"
            "from capillary.content import load_standard; from capillary.scoring.program import compile_standard\n"
            "from capillary.fleet.parquet import level_table\n"
            "level_table(Path(sys.argv[1]), compile_standard(load_standard('miit-2024')), ['region', 'sector'])\n"
            "print(next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1])\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
        )
        peak = int(done.stdout) / 1024
        print(f"evaluate over {count:>9,} sheets: peak {peak:.0f} MiB, {peak / 512:.2f} of 512 MiB")


def one_sheet() -> None:
    """One sheet: CPU of `evaluate` after compiling, and the whole process of ``capillary score``."""
    from capillary.scoring.evaluate import score_sheet
    from capillary.sheets.jsonfiles import read_json

    sheet = read_json(ROOT / "examples" / "metal-parts.json", load_standard)
    standard = load_standard("miit-2024")
    score_sheet(standard, sheet)
    began = time.process_time()
    for _ in range(200):
        score_sheet(standard, sheet)
    cpu = (time.process_time() - began) / 200
    print(
        f"score one sheet (both ends of the interval): {cpu * 1000:.3f} ms of CPU, {cpu / 1e-3:.2f} of 1 ms"
    )
    command = [sys.executable, "-m", "capillary.cli", "score", str(ROOT / "examples" / "metal-parts.json")]
    whole = median_of(lambda: subprocess.run(command, capture_output=True, check=True))
    bare = median_of(
        lambda: subprocess.run([sys.executable, "-c", "import numpy"], capture_output=True, check=True)
    )
    print(
        f"capillary score, whole process: {whole:.3f} s, {whole / 0.5:.2f} of 0.5 s, {whole / bare:.2f} of importing NumPy"
    )


def _interviews(firms: range) -> list[tuple[int, int, int]]:
    """Interview some of the simulated firms; return (level, asked, smallest certificate) for each."""
    program = compile_standard(load_standard("miit-2024"))
    codes = simulate(program, firms.stop, np.random.default_rng(SEED))
    rows = []
    for firm in firms:
        full = [int(column[firm]) for column in codes]
        talk = Interview.start(program)
        asked = 0
        while not talk.certain():
            name = talk.next_question()
            if name is None:
                raise SystemExit("the interview ran out of questions before the level was certain")
            answers = [full[index] for index, field in enumerate(program.fields) if field.question == name]
            talk.answer(name, answers, answers)
            asked += 1
        least = smallest_certificate(program, full)
        level = talk.level()
        if least is None or level is None:
            raise SystemExit("miit-2024 has levels, yet none was found")
        rows.append((level[0], asked, least))
    return rows


def interview(firms: int) -> None:
    """Questions until the level is certain, against all of them and against the fewest that prove it in hindsight."""
    began = time.perf_counter()
    with ProcessPoolExecutor(2) as pool:
        shares = [range(first, min(first + 100, firms)) for first in range(0, firms, 100)]
        rows = [row for found in pool.map(_interviews, shares) for row in found]
    seconds = time.perf_counter() - began
    asked = statistics.mean(row[1] for row in rows)
    least = statistics.mean(row[2] for row in rows)
    every = len(load_standard("miit-2024").questions)
    print(f"{len(rows)} simulated firms, mean questions until the level is certain: {asked:.2f}")
    print(f"  of all {every}: {asked / every:.2f}")
    print(f"  of the smallest certificate ({least:.2f}): {asked / least:.3f}   (aim: at most 1.35)")
    for level in sorted({row[0] for row in rows}):
        own = [row for row in rows if row[0] == level]
        mean, smallest = (statistics.mean(row[index] for row in own) for index in (1, 2))
        print(
            f"  level {level}: {len(own):4d} firms, asked {mean:5.2f}, smallest {smallest:5.2f}, ratio {mean / smallest:.2f}"
        )
    print(
        f"  {seconds:.0f} s on 2 processes, {2000 * seconds / sum(row[1] for row in rows):.1f} ms of a core a question"
    )


def hundred_questions() -> None:
    """A complete assessment of 100 questions: reading one new answer and scoring anew, beside a peer's published figures."""
    from capillary.content import read_standard
    from capillary.scoring.evaluate import score_sheet
    from capillary.sheets.answers import read_sheet

    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "hundred-2026")
        home.mkdir()
        (home / "standard.yaml").write_text(json.dumps(_hundred_standard()), encoding="utf-8")
        (home / "questions.yaml").write_text(json.dumps(_hundred_questions()), encoding="utf-8")
        standard = read_standard(home)
    raw = {"standard": "hundred-2026", "answers": {f"Q{number:03d}": number % 5 for number in range(1, 101)}}

    def find(_: str) -> object:
        return standard

    seconds = median_of(lambda: score_sheet(standard, read_sheet(raw, find)), times=50)
    print(f"check 100 answers and score: {seconds * 1000:.2f} ms, 0 queries")
    print(
        f"a peer's published figures for one answer of 100: {PEER_SECONDS} s, {PEER_QUERIES} queries (quoted)"
    )
    print(f"ratio of the times: {seconds / PEER_SECONDS:.5f}")


def _pair(text: str) -> dict[str, str]:
    return {"zh": f"测试 {text}", "en": text}


def _hundred_standard() -> dict[str, object]:
    groups = [f"d{number}" for number in range(10)]
    nodes: list[dict[str, object]] = [
        {"id": group, "kind": "sum", "of": [f"Q{10 * index + item:03d}" for item in range(1, 11)]}
        for index, group in enumerate(groups)
    ]
    nodes.append({"id": "score", "kind": "sum", "of": groups})
    nodes.append({"id": "level", "kind": "band", "of": ["score"], "from": [100, 200, 300]})
    return {
        "id": "hundred-2026",
        "edition": "2026",
        "title": _pair("hundred"),
        "short_title": _pair("hundred"),
        "summary": _pair("hundred"),
        "publisher": _pair("nobody"),
        "effective_from": "2026-01-01",
        "source": "own",
        "certainty": "official",
        "sources": [{"id": "own", "title": _pair("own")}],
        "dimensions": [{"id": group, "title": _pair(group), "summary": _pair(group)} for group in groups],
        "scoring": {
            "max": 400,
            "unit": _pair("points"),
            "nodes": nodes,
            "score": "score",
            "level": "level",
            "dimensions": {group: group for group in groups},
        },
    }


def _hundred_questions() -> dict[str, object]:
    return {
        "questions": [
            {
                "id": f"Q{number:03d}",
                "kind": "level",
                "dimension": f"d{(number - 1) // 10}",
                "points": 4,
                **{key: _pair(key) for key in ("title", "text", "why", "example")},
                "levels": [{"level": level, "text": _pair(str(level))} for level in range(1, 5)],
            }
            for number in range(1, 101)
        ]
    }


def spark(sheets: int) -> None:
    """The expression of `query` on Spark in local mode, reported beside the same on DuckDB."""
    import ibis
    from pyspark.sql import SparkSession

    from capillary.scoring.query import query

    path = population(sheets)
    program = compile_standard(load_standard("miit-2024"))
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.warehouse.dir", str(FOLDER / "warehouse"))
        .config("spark.log.level", "ERROR")
        .getOrCreate()
    )
    try:
        seconds, counts = {}, {}
        for name, backend in (("DuckDB", ibis.duckdb.connect()), ("Spark", ibis.pyspark.connect(session))):
            scored = query(program, backend.read_parquet(path))
            counted = scored.group_by(["region", "sector", "level"]).aggregate(sheets=scored.count())
            counts[name] = {tuple(row.values()) for row in counted.to_pyarrow().to_pylist()}
            seconds[name] = median_of(counted.to_pyarrow, times=3)
    finally:
        session.stop()
    if counts["Spark"] != counts["DuckDB"]:
        raise SystemExit("Spark and DuckDB disagree")
    print(f"{sheets:,} sheets, the same expression, {len(counts['Spark'])} equal counts")
    for name, value in seconds.items():
        print(f"{name:<7} {value:7.3f} s   {value / seconds['DuckDB']:.1f}")


if __name__ == "__main__":
    main()
    print(
        f"\npeak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB"
    )
