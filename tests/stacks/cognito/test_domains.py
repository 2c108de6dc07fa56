"""Sign-in domains: the prefix, a custom domain, and its DNS record.

No sign-in goes with the DNS record: the AWS provider waits 30 seconds for each of its steps, and no DNS on
the machine leads there.
"""

from tests.conftest import Synthesize, SynthesizeExample
from tests.stacks.terraform_json import APPLICATION, element


def test_the_domain_is_the_prefix_of_the_settings(synthesize: Synthesize) -> None:
    domain = element("aws_cognito_user_pool_domain.prefix", synthesize())
    assert domain["domain"] == "contoso-signin"
    assert domain["user_pool_id"] == "${aws_cognito_user_pool.users.id}"


def test_both_domains_lead_to_the_pool_and_only_ones_own_has_a_certificate(
    synthesize_example: SynthesizeExample,
) -> None:
    domains = synthesize_example("custom-domain")["resource"]["aws_cognito_user_pool_domain"]
    assert {address: domain["domain"] for address, domain in domains.items()} == {
        "prefix": "contoso-domains",
        "custom": "auth.contoso.example",
    }
    assert {domain["user_pool_id"] for domain in domains.values()} == {"${aws_cognito_user_pool.users.id}"}
    certificate = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-90ab-4cde-8f01-234567890abc"
    assert domains["custom"]["certificate_arn"] == certificate
    assert "certificate_arn" not in domains["prefix"]


def test_entra_id_sends_people_back_to_either_domain(synthesize_example: SynthesizeExample) -> None:
    document = synthesize_example("custom-domain")
    uris = [
        "https://auth.contoso.example/oauth2/idpresponse",
        "https://contoso-domains.auth.us-east-1.amazoncognito.com/oauth2/idpresponse",
    ]
    assert element(APPLICATION, document)["web"]["redirect_uris"] == uris
    assert document["output"]["redirect_uris"]["value"] == uris


def test_people_are_told_of_ones_own_domain(synthesize_example: SynthesizeExample) -> None:
    outputs = synthesize_example("custom-domain")["output"]
    assert outputs["domain"]["value"] == "auth.contoso.example"
    assert outputs["sign_in_urls"]["value"]["web"].startswith("https://auth.contoso.example/login?")


def test_the_dns_record_is_an_alias_to_where_cognito_serves_the_domain(
    synthesize_example: SynthesizeExample,
) -> None:
    document = synthesize_example("custom-domain")
    assert element("aws_route53_record.custom_domain", document) == {
        "zone_id": "Z0123456789ABCDEFGHIJ",
        "name": "auth.contoso.example",
        "type": "A",
        "alias": {
            "name": "${aws_cognito_user_pool_domain.custom.cloudfront_distribution}",
            "zone_id": "${aws_cognito_user_pool_domain.custom.cloudfront_distribution_zone_id}",
            "evaluate_target_health": False,
        },
    }


def test_without_a_zone_the_target_of_the_dns_name_is_an_output(
    synthesize_example: SynthesizeExample,
) -> None:
    document = synthesize_example("custom-domain", {'hosted_zone_id = "Z0123456789ABCDEFGHIJ"\n': ""})
    assert "aws_route53_record" not in document["resource"]
    target = document["output"]["custom_domain_target"]["value"]
    assert target == "${aws_cognito_user_pool_domain.custom.cloudfront_distribution}"


def test_ones_own_domain_can_be_the_only_one(synthesize_example: SynthesizeExample) -> None:
    document = synthesize_example("custom-domain", {'domain_prefix = "contoso-domains"\n': ""})
    assert list(document["resource"]["aws_cognito_user_pool_domain"]) == ["custom"]
    assert document["output"]["redirect_uris"]["value"] == ["https://auth.contoso.example/oauth2/idpresponse"]
