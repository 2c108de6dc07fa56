"""Settings of [bootstrap]."""

from typing import Any

from tests.stacks.settings.samples import QUIET, accepted, case, refused, silent

ISSUER = "bootstrap.pipeline.issuer"
DEPLOY = "bootstrap.pipeline.deploy_subjects"
PLAN = "bootstrap.pipeline.plan_subjects"
MAIN = "project_path:contoso/signin:ref_type:branch:ref:main"
SERVER = "system:serviceaccount:atlantis:atlantis"
PIPELINE: dict[str, Any] = QUIET | {
    ISSUER: "https://gitlab.com",
    DEPLOY: [MAIN],
    PLAN: ["project_path:contoso/signin:ref_type:branch:ref:feature"],
}

test_refused = refused(
    ({"bootstrap": {}}, "bootstrap", "there is no [state]"),
    (
        QUIET | {"bootstrap": {"existing_bucket": True, "encryption_key": True}},
        "bootstrap.encryption_key",
        "its own encryption",
    ),
    *(
        case(ISSUER, value, "https address without a slash", also=PIPELINE)
        for value in ("http://gitlab.com", "https://gitlab.com/", "gitlab.com", "https://gitlab.com?a=b")
    ),
    case(DEPLOY, [], "at least one", also=PIPELINE),
    case(DEPLOY, [f"s{n}" for n in range(21)], "Entra ID takes 20", also=PIPELINE),
    *(
        case(DEPLOY, [value], "no * or ?", at="[0]", also=PIPELINE)
        for value in ("repo:contoso/*", "repo:contoso/signin:?", "", " a", "a\n", "s" * 601)
    ),
    case(DEPLOY, ["${a}"], "expression", at="[0]", also=PIPELINE),
    case(PLAN, [MAIN], "need not plan with fewer rights", at="[0]", also=PIPELINE),
    case("bootstrap.pipeline.aws_audience", "", "no audience", also=PIPELINE),
)

test_accepted = accepted(
    PIPELINE,
    *(
        PIPELINE | {DEPLOY: [subject]}
        for subject in (
            "repo:contoso@123456/signin@456789:environment:Production%3AV1",
            "sc://contoso/Sign in/prod",
            "/eid1/c/pub/t/abc/a/def/sc/1/2",
        )
    ),
    PIPELINE | {ISSUER: "https://vstoken.dev.azure.com/1b2c3d4e-5f6a-4b7c-8d9e-0f1a2b3c4d5e"},
    PIPELINE | {ISSUER: "https://localhost:8400"},
    PIPELINE | {DEPLOY: [SERVER], PLAN: [SERVER]},
)

test_silent = silent(QUIET | {"bootstrap": {}})
