#!/usr/bin/python3
"""Writes what the columns of a CSV file hold into a JSON file.

A tool for the agent of Janus. It sees its package, /usr and its workspace, which is where it is started, and nothing else;
its arguments were held to the grammar in package.json before it runs.
"""

import argparse
import csv
import json
import os
import sys


def main() -> int:
    parser = argparse.ArgumentParser(prog="csv_columns")
    parser.add_argument("--delimiter", default=",")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--is-done", action="store_true")
    parser.add_argument("paths", nargs="*")
    asked = parser.parse_args()
    table, result = asked.paths
    if asked.is_done:
        # The probe, asked with the arguments of a run: 0 when that took effect, 1 when it did not.
        return 0 if is_result(result) else 1
    try:
        with open(table, newline="", encoding="utf-8") as rows:
            found = columns(csv.DictReader(rows, delimiter=asked.delimiter), asked.rows)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        print(f"csv_columns: {table}: {error}", file=sys.stderr)
        return 1
    # In one step, so that a run that is ended leaves the whole of it or nothing.
    with open(f"{result}.part", "w", encoding="utf-8") as output:
        json.dump({"tool": "csv_columns", "columns": found}, output, indent=2, sort_keys=True)
    os.replace(f"{result}.part", result)
    return 0


def columns(rows: csv.DictReader, most: int) -> dict:
    found: dict = {}
    for number, row in enumerate(rows):
        if number == most:
            break
        for name, value in row.items():
            column = found.setdefault(str(name), {"filled": 0, "empty": 0, "longest": 0})
            text = value or ""
            column["filled" if text else "empty"] += 1
            column["longest"] = max(column["longest"], len(text))
    return found


def is_result(path: str) -> bool:
    try:
        with open(path, encoding="utf-8") as text:
            return json.load(text).get("tool") == "csv_columns"
    except (OSError, ValueError, AttributeError):
        return False


if __name__ == "__main__":
    sys.exit(main())
