"""The rules for URLs, prefixes, names and scopes, against examples and against whatever chance writes."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError
from stacks.settings.agreements_cognito import admits

from stacks.settings import rules, rules_aws, rules_people, rules_web
from tests.stacks.settings.samples import unhurried

GUID = "2f1a4b7c-5d3e-4f60-8a91-b2c3d4e5f607"
LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
HOSTS = st.lists(LABELS, min_size=1, max_size=4).map(".".join)
PATHS = st.from_regex(r"(/[A-Za-z0-9._~%-]{0,10}){0,4}(\?[a-z]=[a-z0-9]{0,5})?", fullmatch=True)


def refusal(rule: Callable[[str], str], value: str) -> tuple[str, str] | None:
    """What the person reads if the value is refused; it may fail in no other way."""
    try:
        rule(value)
    except PydanticCustomError as error:
        context = error.context or {}
        return context["sentence"], context["instead"]
    return None


def accepts(rule: Callable[[str], str], value: str) -> bool:
    return refusal(rule, value) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://app.contoso.com/callback",
        "https://app.contoso.com",
        "https://app.contoso.com:8443/a?b=c&d=%20",
        "https://intranet/callback",
        "https://10.0.0.1/",
        "https://xn--mnchen-3ya.de/",
        "http://localhost:3000/callback",
        "http://127.0.0.1/",
        "http://[::1]:8080/callback",
        "https://[::1]/",
        "myapp://callback",
        "myapp://",
        "com.contoso.app:/oauth2redirect",
        "HTTPS://app.contoso.com/",
        "https://a/" + "b" * 1014,
    ],
)
def test_an_address_that_an_app_may_have(url: str) -> None:
    assert accepts(rules_web.app_url, url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/callback",
        "app.contoso.com/callback",
        "app.contoso.com:443/callback",
        "localhost:3000/callback",
        "//app.contoso.com",
        "https:",
        "https://",
        "https:///callback",
        "https:app.contoso.com",
        "https://app.contoso.com/#callback",
        "https://app.contoso.com/call back",
        "https://app.contoso.com/\n",
        " https://app.contoso.com/",
        "https://app.contoso.com\\@evil.example/",
        "https://münchen.de/",
        "https://*.contoso.com/",
        "https://user:secret@app.contoso.com/",
        "https://app..contoso.com/",
        "https://-app.contoso.com/",
        "https://app.contoso.com:port/",
        "https://app.contoso.com:99999/",
        "https://[::1/",
        "http://app.contoso.com/",
        "http://localhost.contoso.com/",
        "http://localhost@app.contoso.com/",
        "http://127.0.0.2/",
        "http://0.0.0.0/",
        "javascript:alert(1)",
        "javascript://app.contoso.com/%0aalert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "mailto:ada@contoso.com",
        "ws://localhost/",
        "myapp:callback",
        "1app://callback",
        "https://a/" + "b" * 1015,
    ],
)
def test_an_address_that_no_app_may_have(url: str) -> None:
    assert not accepts(rules_web.app_url, url)


@unhurried
@given(HOSTS, PATHS)
def test_https_is_accepted_anywhere_and_http_on_this_machine_only(host: str, path: str) -> None:
    assert accepts(rules_web.app_url, f"https://{host}{path}")
    assert accepts(rules_web.app_url, f"http://{host}{path}") == (host in {"localhost", "127.0.0.1"})
    assert accepts(rules_web.app_url, f"http://localhost{path}")


@unhurried
@given(st.text() | st.builds(str.__add__, st.sampled_from(["https://", "http://", "x:", "//"]), st.text()))
def test_an_accepted_address_is_absolute_and_ends_where_it_seems_to(url: str) -> None:
    if accepts(rules_web.app_url, url):
        parts = urlsplit(url)
        assert parts.scheme
        assert not parts.fragment
        assert "#" not in url
        assert url.isascii()
        assert " " not in url
        assert len(url) <= 1024
        if parts.scheme in {"http", "https"}:
            assert parts.hostname
            assert parts.username is None
            assert parts.scheme == "https" or parts.hostname in {"localhost", "127.0.0.1", "::1"}


@unhurried
@given(st.text() | st.builds(str.__add__, st.sampled_from(["https://", "http://localhost"]), st.text()))
def test_an_accepted_authority_is_an_origin(authority: str) -> None:
    if accepts(rules_web.authority, authority):
        parts = urlsplit(authority)
        assert (parts.path, parts.query, parts.fragment) == ("", "", "")
        assert f"{parts.scheme}://{parts.netloc}" == authority == authority.lower()
        assert rules_web.is_local(authority) or parts.scheme == "https"


@unhurried
@given(
    st.text()
    | st.from_regex(rules.DOMAIN_PREFIX, fullmatch=True)
    | st.lists(st.sampled_from(["aws", "co", "-"])).map("-".join)
)
@example("aws")
@example("x-cognito-y")
def test_an_accepted_prefix_is_a_dns_label_without_reserved_words(prefix: str) -> None:
    if accepts(rules.domain_prefix, prefix):
        assert re.fullmatch(r"[a-z0-9-]{1,63}", prefix)
        assert not prefix.startswith("-")
        assert not prefix.endswith("-")
        assert not {"aws", "amazon", "cognito"} & set(prefix.split("-"))


@unhurried
@given(st.text())
@example("AWS")
@example("Contoso_Login")
def test_the_prefix_proposed_instead_is_a_good_one(prefix: str) -> None:
    _, instead = refusal(rules.domain_prefix, prefix) or ("", "")
    if proposed := re.search(r'Write for instance "(.*)"', instead):
        assert accepts(rules.domain_prefix, proposed[1])


ONE_VALUE: list[Callable[[str], str]] = [
    rules.stack_name,
    rules.client_key,
    rules.region,
    rules.bucket_region,
    rules.account_id,
    rules.tenant_id,
    rules.object_id,
    rules.provider_name,
    rules.domain_prefix,
    rules.optional_claim,
    rules.mapped_attribute,
    rules.mapped_claim,
    rules.bucket,
    rules.state_key,
    rules.kms_key_id,
    rules.version_constraint,
    rules_web.app_url,
    rules_web.authority,
    rules_web.scope,
    rules_web.registered_uri,
    rules_people.tenant_key,
    rules_people.tenant_word,
    rules_people.email_domain,
    rules_people.application_id,
    rules_people.user_name,
    rules_people.group_name,
    rules_people.role_key,
    rules_people.role_value,
    rules_aws.user_pool_id,
    rules_aws.app_client_id,
    rules_aws.host,
    rules_aws.own_host,
    rules_aws.certificate_arn,
    rules_aws.hosted_zone_id,
    rules_aws.stored_secret,
    rules_aws.parameter,
    rules_aws.json_key,
    rules_aws.resource_server_key,
    rules_aws.resource_server_identifier,
    rules_aws.scope_name,
    rules_aws.branding_file,
]
FREE_TEXT: list[Callable[[str], str]] = [
    rules_people.role_name,
    rules_people.role_description,
    rules_aws.resource_server_name,
    rules_aws.scope_description,
    rules.display_name,
    rules.cognito_name,
    rules.idp_identifier,
    rules.tag_key,
    rules.tag_value,
]


@pytest.mark.parametrize("rule", ONE_VALUE + FREE_TEXT)
@unhurried
@given(value=st.text())
def test_every_rule_accepts_or_refuses_in_words(rule: Callable[[str], str], value: str) -> None:
    assert refusal(rule, value) is None or all(refusal(rule, value) or ())


# A line break at the end passes many a `$`.
@pytest.mark.parametrize("rule", ONE_VALUE)
def test_a_line_break_at_the_end_is_never_overlooked(rule: Callable[[str], str]) -> None:
    goods = ("eu-central-1", "email", "custom:a", "123456789012", "6.25.0", "https://a", GUID)
    more = (
        "https://a/",
        "fabrikam",
        "fabrikam.com",
        "ada@fabrikam.com",
        "auth.contoso.com",
        "Z0123",
        "a.json",
    )
    pool, certificate = "eu-central-1_a", f"arn:aws:acm:us-east-1:123456789012:certificate/{GUID}"
    for good in (*goods, *more, pool, certificate):
        assert not accepts(rule, good + "\n")


# Each rule has something that it accepts, so that a refusal of the same with a line break says something.
@pytest.mark.parametrize("rule", ONE_VALUE)
def test_every_rule_accepts_something(rule: Callable[[str], str]) -> None:
    goods = (
        "dev",
        "eu-central-1",
        "email",
        "123456789012",
        "6.25.0",
        "https://a",
        "https://a/",
        GUID,
        "fabrikam",
    )
    more = ("fabrikam.com", "ada@fabrikam.com", "auth.contoso.com", "Z0123", "a.json", "eu-central-1_a")
    certificate = f"arn:aws:acm:us-east-1:123456789012:certificate/{GUID}"
    assert [good for good in (*goods, *more, certificate, "read", "orders/read") if accepts(rule, good)]


@pytest.mark.parametrize(
    ("url", "telling"),
    [
        ("myapp://callback", "no address of an installed app"),
        ("http://app.contoso.com/", "Entra ID sends people to plain http only on this machine"),
        ("https://app.contoso.com", 'Write "https://app.contoso.com/"'),
        ("https://app.contoso.com?a=b", 'Write "https://app.contoso.com/?a=b"'),
        ("https://app.contoso.com/" + "a" * 233, "257 characters"),
        ("http://[::1]:3000/callback", "Write localhost"),
        *((f"https://app.contoso.com/{character}", f"takes no {character}") for character in "!$'(),;"),
    ],
)
def test_an_address_that_entra_id_sends_nobody_to(url: str, telling: str) -> None:
    assert telling in " ".join(refusal(rules_web.registered_uri, url) or ())


@pytest.mark.parametrize(
    "url",
    [
        "https://app.contoso.com/",
        "https://app.contoso.com/out?a=b",
        "https://app.contoso.com/" + "a" * 232,
        "http://localhost:3000/",
        "http://127.0.0.1/callback",
    ],
)
def test_an_address_that_entra_id_sends_people_to(url: str) -> None:
    assert accepts(rules_web.registered_uri, url)


@unhurried
@given(HOSTS, PATHS)
@example("a", "?b=c")
@example("a", "")
def test_the_address_proposed_instead_is_a_good_one(host: str, path: str) -> None:
    _, instead = refusal(rules_web.registered_uri, f"https://{host}{path}") or ("", "")
    if proposed := re.search(r'Write "(.*)"', instead):
        assert accepts(rules_web.registered_uri, proposed[1])


@unhurried
@given(st.text() | HOSTS | st.emails() | HOSTS.map(str.upper))
@example("ada@")
@example("ada@fabrikam")
@example("a@b@Fabrikam.com")
def test_an_accepted_e_mail_domain_is_an_identifier_in_lower_case(domain: str) -> None:
    if accepts(rules_people.email_domain, domain):
        assert rules_people.email_domain(domain) == domain.lower()
        assert accepts(rules.idp_identifier, domain.lower())
        assert "." in domain
    _, instead = refusal(rules_people.email_domain, domain) or ("", "")
    if proposed := re.search(r'^Write "(.*)"', instead):
        assert refusal(rules_people.email_domain, proposed[1]) is None or len(proposed[1]) > 40


@unhurried
@given(HOSTS | st.text())
@example("a.b.cc")
def test_an_accepted_host_is_a_name_in_lower_case(host: str) -> None:
    if accepts(rules_aws.own_host, host):
        assert accepts(rules_aws.host, host)
        assert urlsplit(f"https://{host}/").hostname == host
        assert len(host) <= 63
        assert host.count(".") >= 2


@unhurried
@given(st.from_regex(re.compile(rules_people.TENANT_KEY, re.ASCII), fullmatch=True))
@example("home")
def test_the_key_of_a_tenant_is_a_good_name_for_its_provider(key: str) -> None:
    if accepts(rules_people.tenant_key, key):
        reserved = {name.lower() for name in rules.RESERVED_PROVIDER_NAMES}
        assert accepts(rules.provider_name, key) == (key not in reserved)
        assert accepts(rules_people.tenant_word, key)
        assert accepts(rules.provider_name, f"{key[:26]}-entra")


@unhurried
@given(st.from_regex(re.compile(rules_people.ROLE_KEY, re.ASCII), fullmatch=True))
def test_the_key_of_a_role_is_a_good_value_and_name(key: str) -> None:
    assert accepts(rules_people.role_key, key)
    assert accepts(rules_people.role_value, key)
    assert accepts(rules_people.role_name, key)


@unhurried
@given(st.from_regex(re.compile(rules_aws.RESOURCE_SERVER_KEY, re.ASCII), fullmatch=True))
def test_the_key_of_a_resource_server_is_a_good_identifier_and_name(key: str) -> None:
    assert accepts(rules_aws.resource_server_key, key)
    assert accepts(rules_aws.resource_server_identifier, key)
    assert accepts(rules_aws.resource_server_name, key)
    assert accepts(rules_web.scope, f"{key}/read")


@unhurried
@given(identifier=st.text(min_size=1, max_size=20), name=st.text(min_size=1, max_size=20))
@example(identifier="https://api.contoso.com/", name="read")
def test_a_scope_of_a_resource_server_is_one_that_an_app_may_ask_for(identifier: str, name: str) -> None:
    if accepts(rules_aws.resource_server_identifier, identifier) and accepts(rules_aws.scope_name, name):
        assert accepts(rules_web.scope, f"{identifier}/{name}")


@unhurried
@given(st.text(max_size=10), st.sampled_from(["${", "%{"]), st.text(max_size=10))
def test_what_terraform_would_evaluate_is_accepted_nowhere(before: str, begins: str, after: str) -> None:
    # The files of a branding are read before Terraform is there.
    for rule in {*ONE_VALUE, *FREE_TEXT} - {rules_aws.branding_file}:
        assert not accepts(rule, before + begins + after)


@unhurried
@given(st.integers())
def test_the_number_of_days_proposed_instead_is_one_that_cloudwatch_knows(days: int) -> None:
    try:
        assert rules_aws.retention_days(days) in rules_aws.RETENTION_DAYS
    except PydanticCustomError as error:
        proposed = re.search(r"\d+", (error.context or {})["instead"])
        assert proposed
        assert int(proposed[0]) in rules_aws.RETENTION_DAYS


@pytest.mark.parametrize(
    "scope",
    ["openid", "email", "phone", "profile", "aws.cognito.signin.user.admin", "api/read", "https://api/x"],
)
def test_a_scope_that_cognito_knows(scope: str) -> None:
    assert accepts(rules_web.scope, scope)


@pytest.mark.parametrize(
    "scope", ["", "read", "api/", "/read", "api/re ad", 'api/"x"', "offline_access", "User.Read"]
)
def test_a_scope_that_cognito_does_not_know(scope: str) -> None:
    assert not accepts(rules_web.scope, scope)


@pytest.mark.parametrize(
    ("constraint", "admitted"),
    [
        ("5.100.0", True),
        ("= 5.100", True),
        ("6.25.0", False),
        ("!= 5.100.0", False),
        (">= 5.100.0, < 7.0.0", True),
        (">= 6", False),
        ("> 5.100.0", False),
        ("<= 5.100.0", True),
        ("< 5", False),
        ("~> 5.0", True),
        ("~> 5.99.0", False),
        ("~> 5", True),
        ("~> 6.0", False),
    ],
)
def test_which_versions_a_constraint_admits(constraint: str, admitted: bool) -> None:  # noqa: FBT001
    assert accepts(rules.version_constraint, constraint)
    assert admits(constraint, (5, 100, 0)) == admitted


@unhurried
@given(st.from_regex(re.compile(rules.VERSION_CONSTRAINT, re.ASCII), fullmatch=True))
def test_every_constraint_is_understood(constraint: str) -> None:
    admits(rules.version_constraint(constraint), (5, 100, 0))
