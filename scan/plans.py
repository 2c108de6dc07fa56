"""Write a Terraform plan of every example as JSON, made against the local clouds; for checkov.

Where the clouds of an example have no local counterpart, its synthesized Terraform JSON stands in.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from sandbox.local_clouds import LocalClouds
from stacks.settings.files import load
from tests.e2e.deployment import synthesize
from tests.e2e.examples import EXAMPLES, prepared

# National clouds have hosts of their own, branding needs version 6 of the AWS provider, and what belongs to
# another team is not here.
WITHOUT_PLAN = {"branding", "china", "existing-registration", "existing-user-pool", "us-government"}


def main(folder: Path) -> None:
    """Write `plans/<example>.json` or `synthesized/<example>.tf.json` for each."""
    for kind in ("plans", "synthesized"):
        (folder / kind).mkdir()
    with LocalClouds(plugins_stay_up=True) as clouds:
        for file in sorted(EXAMPLES.glob("*.toml")):
            if file.stem in WITHOUT_PLAN:
                output = folder / "output" / file.stem
                synthesize(EXAMPLES, output, [load(file)], datetime.now(UTC).date())
                written = (output / "stacks" / file.stem / "cdk.tf.json").read_text()
                (folder / "synthesized" / f"{file.stem}.tf.json").write_text(written)
                continue
            with prepared(clouds, file.stem) as example:
                example.synthesize()
                example.terraform("plan", "-out=plan")
                shown = example.project.terraform("show", "-json", "plan").text
            (folder / "plans" / f"{file.stem}.json").write_text(shown)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
