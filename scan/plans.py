"""Write a Terraform plan of every example as JSON, made against the local clouds; for checkov."""

import sys
from pathlib import Path

from sandbox.local_clouds import LocalClouds
from tests.e2e.examples import EXAMPLES, prepared

# National clouds have hosts of their own, and branding needs version 6 of the AWS provider. What belongs to
# another team is not here, nor is the bucket of a pipeline's state. Their resources are those of the other
# plans, but for the branding's and the second stack's.
WITHOUT_PLAN = {
    "branding",
    "china",
    "existing-registration",
    "existing-user-pool",
    "pipeline",
    "us-government",
}


def main(folder: Path) -> None:
    """Write `<example>.json` for each."""
    with LocalClouds(plugins_stay_up=True) as clouds:
        for name in sorted({file.stem for file in EXAMPLES.glob("*.toml")} - WITHOUT_PLAN):
            with prepared(clouds, name) as example:
                example.synthesize()
                example.terraform("plan", "-out=plan")
                shown = example.project.terraform("show", "-json", "plan").text
            (folder / f"{name}.json").write_text(shown)
            print(f"planned {name}", flush=True)
    print(f"not planned here: {', '.join(sorted(WITHOUT_PLAN))}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
