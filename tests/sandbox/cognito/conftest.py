"""One local AWS and one provider for all tests of the local Cognito, and a user pool for each test."""

from collections.abc import Iterator
from functools import partial

import pytest

from sandbox.aws import LocalAws
from tests.sandbox.cognito import fixtures
from tests.sandbox.cognito.fixtures import App, FakeProvider, MakeApp


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with LocalAws(tmp_path_factory.mktemp("aws")) as aws:
        yield aws


@pytest.fixture(scope="session")
def fake_provider() -> Iterator[FakeProvider]:
    with FakeProvider() as provider:
        yield provider


@pytest.fixture
def provider(fake_provider: FakeProvider) -> FakeProvider:
    """A provider that says nothing unusual yet."""
    return fake_provider.reset()


@pytest.fixture
def make_app(aws: LocalAws, provider: FakeProvider) -> MakeApp:
    """Makes a user pool with the provider `entra` and an app client, which may have other settings."""
    return partial(fixtures.make_app, aws, provider)


@pytest.fixture
def app(make_app: MakeApp) -> App:
    return make_app()
