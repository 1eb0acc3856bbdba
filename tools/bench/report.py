"""The table of a run, and whether the targets are met."""

TARGETS = (
    # name, what is compared, its limit, whether more is better
    ("create ÷ echo, 8×64", "create_ratio", 0.40, True),
    ("get ÷ echo, 8×64", "get_ratio", 0.75, True),
    ("create p50 ÷ echo p50, one caller", "create_p50_ratio", 3.0, False),
    ("start-up, slowest service, ms", "start_ms", 300, False),
    ("resident memory, largest service, MB", "resident_mb", 60, False),
)


def verdicts(figures):
    rows = []
    for name, key, limit, more in TARGETS:
        if key not in figures:
            continue
        value = figures[key]
        met = value >= limit if more else value <= limit
        rows.append({"target": name, "limit": limit, "at_least": more, "value": value, "met": met})
    return rows


def number(value):
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def table(header, rows):
    cells = [header] + [[number(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]

    def line(row):
        first, *others = (cell.ljust(width) if i == 0 else cell.rjust(width)
                          for i, (cell, width) in enumerate(zip(row, widths)))
        return "| " + " | ".join([first, *others]) + " |"

    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([line(cells[0]), rule, *map(line, cells[1:])])


def text(result):
    """The whole result, in Markdown that reads well on a terminal."""
    machine = result["machine"]
    parts = [f"{result['date']}, revision {result['revision']}, {machine['cpu']}, {machine['cores']} cores, "
             f"{machine['memory_gb']:.0f} GB RAM, {machine['system']}. Medians of {result['rounds']} rounds, "
             f"interleaved."]
    if result.get("note"):
        parts.append(result["note"])
    if result.get("parallel"):
        parts.append("8 connections × 64 calls. CPU is the server's, per call.")
        parts.append(table(
            ["", "calls/s", "÷ echo", "p50 ms", "p99 ms", "CPU µs"],
            [[row["name"], row["rate"], row.get("ratio"), row.get("p50_ms"), row.get("p99_ms"), row["cpu_us"]]
             for row in result["parallel"]]))
    if result.get("client"):
        parts.append("gRPC's C++ client, callback API, so many calls in flight.")
        parts.append(table(
            ["in flight", "", "calls/s", "÷ echo", "p50 µs", "p99 µs"],
            [[str(row["in_flight"]), row["name"], row["rate"], row.get("ratio"), row["p50_us"], row["p99_us"]]
             for row in result["client"]]))
    if result.get("parallel") or result.get("client"):
        parts.append("÷ echo is the median of the rounds' own ratios, not the ratio of the medians beside it; – where "
                     "no echo was of that size.")
    if result.get("services"):
        parts.append(f"Each service as a process of its own, after {result['claims']:,} claims.")
        parts.append(table(
            ["", "resident MB", "start ms, empty", "start ms, then"],
            [[row["name"], row.get("resident_mb"), row.get("start_empty_ms"), row.get("start_ms")]
             for row in result["services"]]))
    if result.get("import"):
        parts.append("`makegoodctl orders import`, made-up orders, into the whole suite in one process.")
        parts.append(table(["rows", "seconds", "orders/s"],
                           [[f"{row['rows']:,}", row["seconds"], row["rate"]] for row in result["import"]]))
    parts += result.get("remarks", [])
    if result["verdicts"]:
        parts.append(table(["target", "want", "is", "verdict"],
                           [[row["target"], f"{'≥' if row['at_least'] else '≤'} {row['limit']}", row["value"],
                             "met" if row["met"] else "not met"] for row in result["verdicts"]]))
    return "\n\n".join(parts) + "\n"
