"""results.json: what it must hold, the table that a run prints of it, and what it says of where it was made."""
import math
import os
import pathlib
import subprocess

PROJECT = pathlib.Path(__file__).resolve().parent.parent
# The fields of results.json and of its rows, and what they hold; README.md says what they are.
FIELDS = {"recipe": str, "commit": str, "machine": str, "date": str, "rows": list}
ROW = {"system": str, "metric": str, "split": str, "seeds": int, "mean": float, "low": float, "high": float}
MORE_OF_ROW = {"values": list, "models": list, "published": float, "published_by": str, "goal": float, "minutes": float, "parameters": int, "int8_bytes": int,
               "per_second": float}


def faults(results):
    """What is wrong with what results.json holds, a line for each. Recipes may have fields of their own beside these."""
    def kind_fault(where, value, kind):
        right = isinstance(value, (int, float) if kind is float else kind) and not isinstance(value, bool)
        if right and (kind is not float or math.isfinite(value)):
            return []
        return [f"{where} is {value!r}, which is no {'number' if kind in (int, float) else 'text' if kind is str else 'list'}"]

    def check(where, found, needed, more):
        if not isinstance(found, dict):
            return [f"{where}is no object"]
        out = [f"{where}{name} is missing" for name in needed if name not in found]
        return out + [fault for name, kind in (needed | more).items() if name in found for fault in kind_fault(where + name, found[name], kind)]

    out = check("", results, FIELDS, {})
    if out:
        return out
    out += ["there are no rows"] if not results["rows"] else []
    for number, row in enumerate(results["rows"], 1):
        where = f"row {number}: "
        wrong = check(where, row, ROW, MORE_OF_ROW)
        out += wrong
        if wrong:
            continue
        if not row["low"] <= row["mean"] <= row["high"] and row["seeds"] > 1 or row["low"] > row["high"]:
            out.append(f"{where}mean {row['mean']} with low {row['low']} and high {row['high']}")
        if row["seeds"] < 1 or len(row.get("values", [])) not in (0, row["seeds"]):
            out.append(f"{where}{row['seeds']} seeds with {len(row.get('values', []))} values")
        if ("published" in row) != ("published_by" in row):
            out.append(f"{where}published and published_by go together")
    return out


def table(rows):
    lines = ["| system | metric | part | seeds | result | 95 % interval | goal | published |", "|---|---|---|---|---|---|---|---|"]
    for row in rows:
        published = f"{row['published']} ({row['published_by']})" if "published" in row else ""
        lines.append(f"| {row['system']} | {row['metric']} | {row['split']} | {row['seeds']} | {row['mean']:.2f} | {row['low']:.2f} to {row['high']:.2f} "
                     f"| {row.get('goal', '')} | {published} |")
    return "\n".join(lines)


def commit():
    """The project's, with a + where files differ from it, but for what the runs themselves publish."""
    def git(*words):
        return subprocess.run(["git", "-C", PROJECT, *words], capture_output=True, text=True, check=False)

    done = git("rev-parse", "--short", "HEAD")
    differs = git("diff", "--quiet", "HEAD", "--", ".", ":!docs/results.md", ":!docs/attention-cost.md", ":!*.svg", ":!recipes/*/results.json").returncode != 0
    return done.stdout.strip() + "+" * differs if done.returncode == 0 else "unknown"


def machine():
    """The processor in words, and what of it Heed uses."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            lines = file.read().splitlines()
    except OSError:
        lines = []
    name = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), os.uname().machine)
    flags = next((line.split() for line in lines if line.startswith("flags")), [])
    sets = [flag for flag in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if flag in flags]
    return f"{name}, {os.cpu_count()} cores" + (f", {sets[-1]}" if sets else "")
