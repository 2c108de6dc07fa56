"""The remedies, carried out: after each fault, what `verify` or `explain` says to do ends it.

A fault whose remedy is to deploy again is done together with others that touch something else, so that one
deploy mends many. What is deleted is deleted for good here, and not put back by the test.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from operate.http_client import page_text
from operate.known_errors import KNOWN_ERRORS, explain
from sandbox.local_clouds import APP_CLIENT
from tests.e2e.faults import FAULTS, Fault
from tests.e2e.shared_deployment import PROVIDER, SharedDeployment

pytestmark = [pytest.mark.exhaustive, pytest.mark.filterwarnings("ignore::DeprecationWarning:botocore")]

# By other remedies, or with other pools than the deployed one; what is deleted comes further down.
OTHERWISE = {
    "application-missing": "restored in the Entra admin center: the local Entra ID has no deleted items",
    "service-principal-missing": "below",
    "consent": "below",
    "assignment-changed": "the same deploy as nobody-assigned",
    "secret-expired": "below",
    "secret-removed": "below",
    "secret-ends-now": "below",
    "secret-ends-soon": "below",
    "attribute-missing": "in a second pool, which no stack has",
    "attribute-immutable": "in a second pool, which no stack has",
    "attribute-required": "in a second pool, which no stack has",
    "provider-missing": "below",
    "client-missing": "below",
    "domain-missing": "below",
    "domain-elsewhere": "below",
    "pool-missing": "below",
}


def rounds() -> list[list[Fault]]:
    """The faults that a deploy mends, each round with at most one for each thing."""
    made: list[dict[tuple[str, str], Fault]] = []
    for fault in FAULTS:
        if fault.finds is None or fault.finds in OTHERWISE:
            continue
        where = (
            fault.finds.partition("-")[0] if fault.finds.startswith("client-") else fault.finds,
            fault.where,
        )
        free = next((one for one in made if where not in one), None)
        if free is None:
            made.append({where: fault})
        else:
            free[where] = fault
    return [list(one.values()) for one in made]


def redeploy(deployment: SharedDeployment) -> None:
    outcome = deployment.deploy()
    assert outcome.status == 0, outcome.text
    deployment.outputs = deployment.parsed_outputs()


def is_right(deployment: SharedDeployment) -> bool:
    deployment.forget_everybody()
    assert deployment.findings(deployment.outputs) == []
    return bool(deployment.sign_in_to(deployment.outputs).claims["email"])


@pytest.mark.parametrize("faults", rounds(), ids=lambda faults: f"{len(faults)}-faults-{faults[0].name}")
def test_where_the_remedy_is_to_deploy_again_that_mends_it(
    deployment: SharedDeployment, faults: list[Fault]
) -> None:
    with ExitStack() as undone:
        for fault in faults:
            assert fault.finds is not None
            assert re.search("[Dd]eploy again|then deploy", KNOWN_ERRORS[fault.finds].remedy)
            undone.enter_context(fault.break_(deployment))
        assert deployment.findings(deployment.outputs)
        redeploy(deployment)
        assert is_right(deployment)
    assert is_right(deployment)


def domain_deleted(deployment: SharedDeployment) -> None:
    deployment.cognito.delete_user_pool_domain(
        UserPoolId=deployment.outputs.user_pool_id, Domain=deployment.outputs.domain.split(".")[0]
    )


def provider_deleted(deployment: SharedDeployment) -> None:
    deployment.cognito.delete_identity_provider(
        UserPoolId=deployment.outputs.user_pool_id, ProviderName=PROVIDER
    )


def client_deleted(deployment: SharedDeployment) -> None:
    deployment.cognito.delete_user_pool_client(
        UserPoolId=deployment.outputs.user_pool_id, ClientId=deployment.outputs.client_ids[APP_CLIENT]
    )


def consent_revoked(deployment: SharedDeployment) -> None:
    path = f"/servicePrincipals/{deployment.service_principal.id}/oauth2PermissionGrants"
    with deployment.graph() as graph:
        for grant in graph.get(path).json()["value"]:
            graph.delete(f"/oauth2PermissionGrants/{grant['id']}")


def service_principal_deleted(deployment: SharedDeployment) -> None:
    with deployment.graph() as graph:
        graph.delete(f"/servicePrincipals/{deployment.service_principal.id}")


def pool_deleted(deployment: SharedDeployment) -> None:
    domain_deleted(deployment)
    deployment.cognito.delete_user_pool(UserPoolId=deployment.outputs.user_pool_id)


@pytest.mark.parametrize(
    ("delete", "ids"),
    [
        (domain_deleted, ["domain-missing"]),
        (provider_deleted, ["provider-missing"]),
        (client_deleted, ["client-missing"]),
        (consent_revoked, ["consent"]),
        (service_principal_deleted, ["service-principal-missing"]),
        (pool_deleted, ["pool-missing"]),
    ],
)
def test_what_is_deleted_for_good_is_made_again_by_a_deploy(
    deployment: SharedDeployment, delete: Callable[[SharedDeployment], None], ids: list[str]
) -> None:
    delete(deployment)
    assert [id_ for id_, _ in deployment.findings(deployment.outputs)] == ids
    assert "deploy" in KNOWN_ERRORS[ids[0]].remedy
    redeploy(deployment)
    assert is_right(deployment)


@pytest.fixture
def settings_kept(deployment: SharedDeployment) -> Iterator[None]:
    before = deployment.settings
    yield
    deployment.settings = before
    redeploy(deployment)
    assert is_right(deployment)


@pytest.mark.usefixtures("settings_kept")
def test_a_secret_that_is_gone_ends_with_the_next_generation(deployment: SharedDeployment) -> None:
    (secret,) = deployment.application.secrets
    with deployment.graph() as graph:
        path = f"/applications/{deployment.application.id}/removePassword"
        graph.post(path, json={"keyId": secret.key_id})
    assert deployment.findings(deployment.outputs) == [("secret-removed", "registration")]
    # The same remedy as of secrets that end or have ended.
    remedies = {
        KNOWN_ERRORS[id_].remedy
        for id_ in ("secret-removed", "secret-expired", "secret-ends-now", "secret-ends-soon")
    }
    assert len(remedies) == 1
    assert "Raise generation under [entra.secret] by one and deploy" in remedies.pop()
    deployment.settings += "\n[entra.secret]\ngeneration = 2\n"
    redeploy(deployment)
    assert is_right(deployment)


@pytest.mark.usefixtures("settings_kept")
def test_an_address_that_is_not_registered_works_once_the_settings_have_it(
    deployment: SharedDeployment,
) -> None:
    callback, away = "http://localhost:3000/other", "http://localhost:3000/bye"
    assert explained(sign_in_at(deployment, callback)) == ["client-callback"]
    assert "sign-out-address" in explained(sign_out_to(deployment, logout_uri=away))
    assert "sign-out-address" in explained(sign_out_to(deployment, post_logout_redirect_uri=away))
    for key, more in (("callback_urls", callback), ("logout_urls", away)):
        written = re.search(rf'{key} = \["[^"]*"', deployment.settings)
        assert written is not None
        deployment.edit({written[0]: f'{written[0]}, "{more}"'})
    redeploy(deployment)
    assert explained(sign_in_at(deployment, callback)) == []
    assert sign_out_to(deployment, logout_uri=away).headers["Location"] == away
    # What the remedy says to use at once.
    url = deployment.output("sign_out_urls")[APP_CLIENT]
    answer = httpx.get(deployment.clouds.local_url(url))
    assert answer.headers["Location"] in url.replace("%3A", ":").replace("%2F", "/")


def sign_in_at(deployment: SharedDeployment, callback: str) -> httpx.Response:
    """Where Cognito sends a browser that begins at the app."""
    return asked(deployment, "/oauth2/authorize", response_type="code", redirect_uri=callback, scope="openid")


def sign_out_to(deployment: SharedDeployment, **where: str) -> httpx.Response:
    return asked(deployment, "/logout", **where)


def asked(deployment: SharedDeployment, path: str, **fields: str) -> httpx.Response:
    """The answer of the sign-in domain, after its own redirects."""
    url = httpx.URL(
        f"{deployment.clouds.aws.domain_url}{path}",
        params={"client_id": deployment.outputs.client_ids[APP_CLIENT], **fields},
    )
    with httpx.Client() as browser:
        answer = browser.get(url)
        while answer.has_redirect_location and answer.headers["Location"].startswith("/"):
            answer = browser.get(url.join(answer.headers["Location"]))
        return answer


def explained(answer: httpx.Response) -> list[str]:
    return [known.id for known in explain(page_text(answer.text))]


def test_of_every_fault_the_remedy_is_carried_out_or_said_why_not() -> None:
    found: set[Any] = {fault.finds for fault in FAULTS if fault.finds}
    in_rounds = {fault.finds for one in rounds() for fault in one}
    assert found == in_rounds | set(OTHERWISE)
