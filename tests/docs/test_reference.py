"""The reference pages say what the code says."""

import re
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).parents[2]


def test_the_reference_pages_are_as_the_code_has_them():
    done = subprocess.run(
        [sys.executable, TOP / "tools" / "reference.py", "check"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, "")


def test_every_link_between_documents_leads_somewhere():
    broken = [
        f"{page.relative_to(TOP)}: {target}"
        for page in [
            *TOP.glob("*.md"),
            *TOP.glob("docs/**/*.md"),
            *TOP.glob("asterisk-config/*.md"),
        ]
        for target in _links(page.read_text("utf-8"))
        if not (page.parent / target).exists()
    ]

    assert broken == []


def _links(text: str) -> list[str]:
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    ends = [part.split(")")[0] for part in prose.split("](")[1:]]
    return [
        end.split("#")[0]
        for end in ends
        if "://" not in end and not end.startswith(("#", "mailto:"))
    ]
