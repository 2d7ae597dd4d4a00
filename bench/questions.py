"""A bank of 20,000 questions read and planned: the whole process's time and memory, three times.

``python -m bench.questions [--questions 20000 --runs 3]``: the file goes through the real child process
(`read_bank`) and `plan_import`, against an empty bank and against one that holds them all.
"""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import xlsxwriter

from quizapp.bank.formats.headings import HEADINGS
from tests.servers import ROOT

KINDS = ("单选题", "多选题", "判断题", "填空题")
#: Runs by itself, so that its peak is its own.
CODE = """
import resource, sys, time
from quizapp.bank.matching import KnownQuestion, plan_import
from quizapp.bank.questions import fingerprint
from quizapp.bank.reading import read_bank
from quizapp.imports.plans import Fate

begun = time.perf_counter()
parsed = read_bank(open(sys.argv[1], "rb").read(), sys.argv[1])
read = time.perf_counter()
plan = plan_import(parsed, [])
planned = time.perf_counter()
known = [
    KnownQuestion(number, one.content.code, fingerprint(one.content), one.content)
    for number, one in enumerate(parsed.questions)
]
held = time.perf_counter()
again = plan_import(parsed, known)
who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
used = [resource.getrusage(one) for one in who]
own, child = (one.ru_maxrss / 1024 for one in used)
worked = sum(one.ru_utime + one.ru_stime for one in used)
print(f"{plan.count(Fate.NEW)} new, {again.count(Fate.SAME)} same again, {len(plan.refused)} refused;"
      f" read {read - begun:.1f} s, planned {planned - read:.1f} s, again {time.perf_counter() - held:.1f} s;"
      f" processor {worked:.1f} s; process {own:.0f} MB, reader {child:.0f} MB")
"""


def workbook(questions: int) -> bytes:
    """Return a made-up bank with questions of every type that a row can hold."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("题目")
        sheet.write_row(0, 0, HEADINGS)
        for number in range(questions):
            sheet.write_row(number + 1, 0, _row(number))
    return file.getvalue()


def _row(number: int) -> list[str]:
    kind = KINDS[number % len(KINDS)]
    stem = f"{number + 1}. 车间第 {number} 号设备检修前，班组长应当先做什么？"
    options = [
        f"A. 切断第 {number} 号电源并挂牌",
        "B. 立即开工",
        "C. 通知食堂",
        "D. 等待通知",
        "",
        "",
        "",
        "",
    ]
    if kind == "判断题":
        options, key = [""] * 8, "错" if number % 3 else "对"
    elif kind == "填空题":
        stem, options, key = f"{stem}答案是____，共（ ）项。", [""] * 8, "停电 / 断电；2±0.5"
    else:
        key = "A" if kind == "单选题" else "A、B"
    return [
        f"AQ-{number:05d}", kind, stem, *options, key, f"第 {number} 题的解析。", "《安全生产法》第四十一条",
        "隐患排查、设备", "中", "关键岗位人员",
    ]  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bank.xlsx"
        file.write_bytes(workbook(asked.questions))
        for run in range(asked.runs):
            begun = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-c", CODE, str(file)], check=True, cwd=ROOT, capture_output=True, text=True
            )
            print(
                f"run {run + 1}: {time.perf_counter() - begun:.1f} s in all; {done.stdout.strip()}",
                flush=True,
            )


if __name__ == "__main__":
    main()
