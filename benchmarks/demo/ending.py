"""The last lines of the demo: a sentence for each side, from its counts."""

from benchmarks.demo.side import Score


def sentence(title: str, score: Score, missing: int) -> str:
    """Return what was wrong on this side, or that nothing was."""
    verdict = score.verdict
    if not verdict.stale and not missing:
        reads = f"{verdict.reads:,} reads"
        return f"{title}: none of {reads} lacked a record that was acknowledged before."
    parts = []
    if verdict.stale:
        parts.append(
            f"{verdict.stale:,} of {verdict.reads:,} reads lacked a record that was acknowledged "
            f"before, up to {verdict.longest:.2f} s later"
        )
    if missing:
        parts.append(
            f"{missing:,} committed {'record is' if missing == 1 else 'records are'} still in no "
            "list, and will be at the next write or in an hour"
        )
    return f"{title}: {'; '.join(parts)}."
