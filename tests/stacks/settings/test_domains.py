"""The sign-in domains: what is refused, accepted, and warned of."""

import re
from urllib.parse import urlsplit

from hypothesis import example, given
from hypothesis import strategies as st

from stacks.settings.domains import DOMAIN_PREFIX, DomainPrefix, Host, OwnHost
from tests.stacks.settings.samples import (
    CERTIFICATE,
    HOSTS,
    OWN_DOMAIN,
    POOL,
    REMOVED,
    accepted,
    accepts,
    case,
    refusal,
    refused,
    silent,
    unhurried,
    warned,
)

test_refused = refused(
    case("cognito.domain_prefix", "my-aws-login", "reserved word: aws"),
    case("cognito.domain_prefix", "amazon", "reserved word: amazon"),
    case("cognito.domain_prefix", "x-cognito", "reserved word: cognito"),
    case("cognito.domain_prefix", "Contoso_Login", '"contoso-login"'),
    case("cognito.domain_prefix", "contoso-", "no hyphen first or last"),
    case("cognito.domain_prefix", "c" * 64, "1 to 63"),
    case("cognito.domain_prefix", "", "1 to 63"),
    case("cognito.domain_prefix", "login.contoso.com", "whole host"),
    case("cognito.domain_prefix", REMOVED, "There is no sign-in domain"),
    (
        {"cognito.user_pool_id": "eu-central-1_aB3dE5fG7", "cognito.domain_prefix": REMOVED},
        "cognito.domain_prefix",
        "as existing_domain",
    ),
    *(
        case("cognito.custom_domain.host", host, telling, also=OWN_DOMAIN)
        for host, telling in (
            ("https://auth.contoso.com", "without https://"),
            ("auth.contoso.com:443", "Only the host"),
            ("Auth.contoso.com", 'Write "auth.contoso.com"'),
            ("contoso.com", 'Write for instance "auth.contoso.com"'),
            ("contoso", "not the name of a host"),
            ("auth.contoso.com\n", "not the name of a host"),
            ("auth..com", "not the name of a host"),
            ("a" * 52 + ".contoso.com", "64 characters long"),
            ("x.auth.eu-central-1.amazoncognito.com", "Amazon's own"),
        )
    ),
    *(
        case("cognito.custom_domain.certificate_arn", arn, telling, also=OWN_DOMAIN)
        for arn, telling in (
            (CERTIFICATE.replace("us-east-1", "eu-central-1"), "The certificate is in eu-central-1"),
            (CERTIFICATE.replace(":acm:", ":iam:"), "not the ARN of a certificate"),
            ("12345678-90ab-4cde-8f01-234567890abc", "not the ARN of a certificate"),
        )
    ),
    case(
        "cognito.custom_domain.hosted_zone_id", "contoso.com", "not the id of a hosted zone", also=OWN_DOMAIN
    ),
    (OWN_DOMAIN | {"aws.region": "us-gov-west-1"}, "cognito.custom_domain.host", "no custom domains"),
    case("cognito.domain_prefix", "other", "has a prefix domain already", also=POOL),
    (
        POOL | OWN_DOMAIN | {"cognito.existing_domain": "login.contoso.com"},
        "cognito.custom_domain.host",
        "has a custom domain already",
    ),
)

test_accepted = accepted(
    *({"cognito.domain_prefix": prefix} for prefix in ("a", "9", "a" * 63, "a--b", "my-awsome-login")),
    OWN_DOMAIN
    | {"cognito.domain_prefix": REMOVED, "cognito.custom_domain.hosted_zone_id": "/hostedzone/Z0123"},
    OWN_DOMAIN | {"cognito.custom_domain.host": "a" * 51 + ".contoso.com"},
)

test_warned = warned(
    case("cognito.domain_prefix", "my-awsome-login", '"aws"'),
)

test_silent = silent(
    OWN_DOMAIN,
)


@unhurried
@given(
    st.text()
    | st.from_regex(DOMAIN_PREFIX, fullmatch=True)
    | st.lists(st.sampled_from(["aws", "co", "-"])).map("-".join)
)
@example("aws")
@example("x-cognito-y")
def test_an_accepted_prefix_is_a_dns_label_without_reserved_words(prefix: str) -> None:
    if accepts(DomainPrefix, prefix):
        assert re.fullmatch(r"[a-z0-9-]{1,63}", prefix)
        assert not prefix.startswith("-")
        assert not prefix.endswith("-")
        assert not {"aws", "amazon", "cognito"} & set(prefix.split("-"))


@unhurried
@given(st.text())
@example("AWS")
@example("Contoso_Login")
def test_the_prefix_proposed_instead_is_a_good_one(prefix: str) -> None:
    _, instead = refusal(DomainPrefix, prefix) or ("", "")
    if proposed := re.search(r'Write for instance "(.*)"', instead):
        assert accepts(DomainPrefix, proposed[1])


@unhurried
@given(HOSTS | st.text())
@example("a.b.cc")
def test_an_accepted_host_is_a_name_in_lower_case(host: str) -> None:
    if accepts(OwnHost, host):
        assert accepts(Host, host)
        assert urlsplit(f"https://{host}/").hostname == host
        assert len(host) <= 63
        assert host.count(".") >= 2
