"""The sign-in domains of the user pool that the stack makes: Amazon's, one's own, or both."""

from cdktf_cdktf_provider_aws.cognito_user_pool_domain import CognitoUserPoolDomain
from cdktf_cdktf_provider_aws.route53_record import Route53Record, Route53RecordAlias
from constructs import Construct

from stacks.addresses import pinned
from stacks.settings import CognitoSettings, CustomDomainSettings


class Domains(Construct):
    """The domains, and the DNS record of one's own on request.

    Attributes:
        custom_domain_target: where the DNS name of one's own domain has to lead, as a Terraform reference;
            None without such a domain.
    """

    def __init__(self, scope: Construct, settings: CognitoSettings, *, user_pool_id: str) -> None:
        """Declare the domains."""
        super().__init__(scope, "domains")
        self._user_pool_id = user_pool_id
        self._version = settings.managed_login_version
        self.custom_domain_target: str | None = None
        prefix = None
        if settings.domain_prefix is not None:
            prefix = self._domain("domain", "prefix", settings.domain_prefix)
        if settings.custom_domain is not None:
            self._custom_domain(settings.custom_domain, after=prefix)

    def _domain(
        self,
        id_: str,
        address: str,
        domain: str,
        *,
        certificate_arn: str | None = None,
        after: CognitoUserPoolDomain | None = None,
    ) -> CognitoUserPoolDomain:
        return pinned(
            CognitoUserPoolDomain(
                self,
                id_,
                user_pool_id=self._user_pool_id,
                domain=domain,
                certificate_arn=certificate_arn,
                managed_login_version=self._version,
                # Cognito refuses two changes to a pool's domains at a time (API reference,
                # CreateUserPoolDomain, ConcurrentModificationException).
                depends_on=None if after is None else [after],
            ),
            address,
        )

    def _custom_domain(self, settings: CustomDomainSettings, after: CognitoUserPoolDomain | None) -> None:
        domain = self._domain(
            "custom_domain",
            "custom",
            settings.host,
            certificate_arn=settings.certificate_arn,
            after=after,
        )
        self.custom_domain_target = domain.cloudfront_distribution
        if settings.hosted_zone_id is not None:
            pinned(
                Route53Record(
                    self,
                    "record",
                    zone_id=settings.hosted_zone_id,
                    name=settings.host,
                    type="A",
                    # Cognito serves the domain by CloudFront, which changes its addresses.
                    alias=Route53RecordAlias(
                        name=domain.cloudfront_distribution,
                        zone_id=domain.cloudfront_distribution_zone_id,
                        evaluate_target_health=False,
                    ),
                ),
                "custom_domain",
            )
