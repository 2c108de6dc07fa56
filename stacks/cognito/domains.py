"""The sign-in domains of the user pool that the stack makes: a prefix domain, a custom domain, or both."""

from cdktf_cdktf_provider_aws.cognito_user_pool_domain import CognitoUserPoolDomain
from cdktf_cdktf_provider_aws.route53_record import Route53Record, Route53RecordAlias
from constructs import Construct

from stacks import addresses
from stacks.settings.cognito import CognitoSettings


def domains(scope: Construct, settings: CognitoSettings, user_pool_id: str) -> str | None:
    """Declare the domains and, where the settings name a hosted zone, the DNS record of the custom one.

    Returns:
        Where the DNS name of the custom domain has to lead, as a Terraform reference; None without one.
    """
    prefix = None
    if settings.domain_prefix is not None:
        prefix = CognitoUserPoolDomain(
            scope,
            addresses.PREFIX_DOMAIN,
            user_pool_id=user_pool_id,
            domain=settings.domain_prefix,
            managed_login_version=settings.managed_login_version,
        )
    if settings.custom_domain is None:
        return None
    custom = CognitoUserPoolDomain(
        scope,
        addresses.CUSTOM_DOMAIN,
        user_pool_id=user_pool_id,
        domain=settings.custom_domain.host,
        certificate_arn=settings.custom_domain.certificate_arn,
        managed_login_version=settings.managed_login_version,
        # Cognito refuses two changes to a pool's domains at a time (API reference, CreateUserPoolDomain,
        # ConcurrentModificationException).
        depends_on=[prefix] if prefix else None,
    )
    if settings.custom_domain.hosted_zone_id is not None:
        Route53Record(
            scope,
            addresses.CUSTOM_DOMAIN_RECORD,
            zone_id=settings.custom_domain.hosted_zone_id,
            name=settings.custom_domain.host,
            type="A",
            # Cognito serves the domain by CloudFront, which changes its addresses.
            alias=Route53RecordAlias(
                name=custom.cloudfront_distribution,
                zone_id=custom.cloudfront_distribution_zone_id,
                evaluate_target_health=False,
            ),
        )
    return custom.cloudfront_distribution
