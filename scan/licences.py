"""Whether the licence of every package that is installed with this project is compatible with Apache 2.0."""

import json
import re
from collections import Counter
from importlib.metadata import Distribution, distributions
from pathlib import Path

# None asks more of whoever uses a package unchanged than to keep its notice.
ALLOWED = {
    *(
        "0BSD",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "BlueOak-1.0.0",
        "CC0-1.0",
        "ISC",
        "MIT",
        "MIT-0",
    ),
    *("MPL-2.0", "PSF-2.0", "Public Domain", "Unlicense"),
}
# How packages without an SPDX expression say it.
MEANT = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
LOCK = Path("package-lock.json")


def of_python(package: Distribution) -> str:
    """A Python package's licence: its expression, or its classifiers, or else its text."""
    metadata = package.metadata.json
    classifiers = [str(one).rpartition(" :: ")[2] for one in metadata.get("classifier", [])]
    named = " AND ".join(MEANT[one] for one in classifiers if one in MEANT)
    stated = str(metadata.get("license_expression") or named or metadata.get("license"))
    return MEANT.get(stated, stated)


def is_allowed(expression: str) -> bool:
    """Whether an SPDX expression lets us use a package: one side of an OR, both of an AND."""
    sides = re.split(r"\bOR\b", expression.strip("() "))
    return any(all(part.strip("() ") in ALLOWED for part in re.split(r"\bAND\b", side)) for side in sides)


def main() -> int:
    """Report the licences and how many packages have each; exit with 1 if one is not allowed."""
    packages = json.loads(LOCK.read_text("utf-8"))["packages"]
    found = {f"{one.metadata['Name']} (Python)": of_python(one) for one in distributions()}
    found |= {f"{name} (npm)": one["license"] for name, one in packages.items() if name}
    refused = {name: licence for name, licence in found.items() if not is_allowed(licence)}
    for licence, count in Counter(found.values()).most_common():
        print(f"  {count:4}  {licence}")
    for name, licence in refused.items():
        print(f"{name}: {licence} is not among those that are allowed")
    print(f"Licences: {len(refused)} of {len(found)} packages refused.")
    return 1 if refused else 0


if __name__ == "__main__":
    raise SystemExit(main())
