"""Say what differs between two runs of one suite: compare.py WITHOUT.xml WITH.xml

Prints a line for each test whose outcome differs, and the tests that passed without the
extension and not with it, one a line, into the file that a third argument names. Exits 1 when
there are such, and 2 when there is nothing to compare.
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

#: What must differ, and why.
EXPECTED = {
    "tests.extension.test_app::test_stop_extension": "it wants no other extension to be there",
}


def outcomes(file: str) -> dict[str, str]:
    """Return how each test ended: passed, failed, error or skipped."""
    found: dict[str, str] = {}
    try:
        cases = list(ElementTree.parse(file).iter("testcase"))
    except (OSError, ElementTree.ParseError):
        return {}
    for case in cases:
        name = f"{case.get('classname')}::{case.get('name')}"
        ended = [child.tag for child in case if child.tag in ("failure", "error", "skipped")]
        # A test that fails and whose teardown fails too has two entries: the first counts.
        found.setdefault(name, ended[0].replace("failure", "failed") if ended else "passed")
    return found


def main(without_file: str, with_file: str, lost_file: str | None = None) -> int:
    """Compare two runs."""
    before, after = outcomes(without_file), outcomes(with_file)
    if not before or not after:
        print("    one of the two runs has no results")
        return 2
    lost = []
    for name, ended in before.items():
        now = after.get(name, "not run")
        if now != ended:
            why = f" (expected: {EXPECTED[name]})" if name in EXPECTED else ""
            print(f"    {name}: {ended} without the extension, {now} with it{why}")
        if ended == "passed" and now != "passed" and name not in EXPECTED:
            lost.append(name)
    for kind, ended in (("without", before), ("with", after)):
        counts = ", ".join(f"{count} {word}" for word, count in Counter(ended.values()).items())
        print(f"    {kind} the extension: {counts}")
    if lost_file is not None:
        Path(lost_file).write_text("".join(name + "\n" for name in lost))
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
