"""Rules about where: the sign-in domains, their looks, and Microsoft's clouds beside those of AWS."""

from collections.abc import Iterator, Mapping

from pydantic_core import PydanticCustomError

from stacks import clouds
from stacks.settings import rules_web
from stacks.settings.findings import Finding, Rulebook, error, warning
from stacks.settings.tables_clients import ClientSettings
from stacks.settings.tables_cognito import BrandingSettings, CognitoSettings, CustomDomainSettings
from stacks.settings.tables_entra import TenantSettings
from stacks.settings.vocabulary import PERSONAL_TENANT_ID, EntraCloud

RULES = Rulebook()

PICTURES = {"ico": "ICO", "jpeg": "JPEG", "jpg": "JPEG", "png": "PNG", "svg": "SVG", "webp": "WEBP"}
GOVERNMENT = "aws-us-gov"


@RULES.reads("cognito")
def _some_domain(cognito: CognitoSettings) -> Iterator[Finding]:
    """Developer guide, "User pool sign-in with third party identity providers": it needs a domain."""
    if not (cognito.domain_prefix or cognito.custom_domain or cognito.existing_domain):
        what = (
            "the host of the domain that the pool has, as existing_domain"
            if cognito.user_pool_id
            else 'for instance domain_prefix = "contoso-signin"'
        )
        yield error(
            "cognito",
            "domain_prefix",
            sentence="There is no sign-in domain, and without one nobody can sign in with Microsoft.",
            instead=f"Add to [cognito] {what}.",
        )


@RULES.reads("cognito.custom_domain", "aws.region")
def _no_custom_domain_in_govcloud(domain: CustomDomainSettings | None, region: str) -> Iterator[Finding]:
    """AWS GovCloud (US) user guide, "Amazon Cognito": what differs there."""
    if domain is not None and clouds.partition(region).name == GOVERNMENT:
        yield error(
            "cognito",
            "custom_domain",
            "host",
            value=domain.host,
            sentence="Cognito has no custom domains in the GovCloud regions.",
            instead="Remove [cognito.custom_domain], and write domain_prefix.",
        )


@RULES.reads("entra.cloud", "aws.region")
def _clouds_that_go_together(cloud: EntraCloud | None, region: str) -> Iterator[Finding]:
    """Microsoft learn, "National clouds"; AWS GovCloud (US) user guide, "What is AWS GovCloud (US)?"."""
    government = clouds.partition(region).name == GOVERNMENT
    if cloud is EntraCloud.CHINA and government:
        yield error(
            "entra",
            "cloud",
            value=cloud,
            sentence="GovCloud is for the United States, and Microsoft's China cloud is run in China, by"
            " another company: no rule of either allows for both.",
            instead="Choose a commercial AWS region for people of the China cloud.",
        )
    if cloud is EntraCloud.US_DEFENSE and not government:
        yield error(
            "entra",
            "cloud",
            value=cloud,
            sentence="The DoD cloud is for data that may not leave the government's own clouds, and this AWS"
            " region is a commercial one.",
            instead='Write a region such as "us-gov-west-1" in [aws], or cloud = "usgovernment" if the tenant'
            " is there.",
        )
    if cloud is EntraCloud.US_GOVERNMENT and not government:
        yield warning(
            "entra",
            "cloud",
            value=cloud,
            sentence="People of Microsoft's US Government cloud would be users in a commercial AWS region.",
            instead='If your rules forbid it, write a region such as "us-gov-west-1" in [aws].',
        )
    if government and cloud in {None, EntraCloud.PUBLIC}:
        yield warning(
            "entra",
            "cloud",
            value=cloud,
            sentence="People of Microsoft's public cloud would sign in to GovCloud.",
            instead='If the tenant is in the US Government cloud, write cloud = "usgovernment".',
        )


@RULES.reads("cognito.branding", "cognito.managed_login_version")
def _branding_needs_version_2(branding: BrandingSettings | None, version: int) -> Iterator[Finding]:
    """API reference, CreateManagedLoginBranding."""
    if branding is not None and version == 1:
        yield error(
            "cognito",
            "managed_login_version",
            value=version,
            sentence="The sign-in pages of version 1 have no branding.",
            instead="Write managed_login_version = 2, or remove [cognito.branding].",
        )


@RULES.reads("cognito.branding")
def _branding_files(branding: BrandingSettings | None) -> Iterator[Finding]:
    """API reference, AssetType: what kinds of pictures there are; one for each place and mode."""
    if branding is None:
        return
    if branding.settings_file is None and not branding.assets:
        yield error(
            "cognito",
            "branding",
            sentence="The table is empty.",
            instead="Add settings_file or assets, or remove it: the pages then look as Cognito designed"
            " them.",
        )
    if branding.settings_file is None and branding.assets:
        yield error(
            "cognito",
            "branding",
            "settings_file",
            sentence="Pictures go with a design: Cognito takes none beside its own.",
            instead="Add settings_file, the JSON file with the design.",
        )
    first: set[tuple[str, str]] = set()
    for index, asset in enumerate(branding.assets):
        ending = asset.file.rpartition(".")[2].lower()
        if ending not in PICTURES:
            yield error(
                "cognito",
                "branding",
                "assets",
                index,
                "file",
                value=asset.file,
                sentence="Cognito shows pictures that end with .ico, .jpeg, .png, .svg or .webp.",
                instead="Convert it to one of these.",
            )
        place = (asset.category, asset.color_mode)
        if place in first:
            yield error(
                "cognito",
                "branding",
                "assets",
                index,
                "category",
                value=asset.category,
                sentence="There is a picture for this place and color_mode already.",
                instead="Remove one of the two.",
            )
        first.add(place)


@RULES.reads("clients.*.end_microsoft_session", "clients.*.logout_urls")
def _sign_out_by_way_of_microsoft(both: bool, logout_urls: list[str]) -> Iterator[Finding]:  # noqa: FBT001
    """Microsoft learn, "Send a sign-out request": where it sends the browser has to be registered there."""
    if not both:
        return
    if not logout_urls:
        yield error(
            "clients",
            "*",
            "logout_urls",
            value=logout_urls,
            sentence="There is no address at which a sign-out ends.",
            instead='Add for instance logout_urls = ["https://app.contoso.com/"], or remove'
            " end_microsoft_session.",
        )
    most = 50
    if len(logout_urls) > most:
        yield error(
            "clients",
            "*",
            "logout_urls",
            value=logout_urls,
            sentence=f"These are {len(logout_urls)}; with the way by Microsoft each takes two of the 100 that"
            " Cognito has.",
            instead=f"Leave {most}.",
        )
    for index, url in enumerate(logout_urls):
        if (reason := _not_registered(url)) is not None:
            yield error(
                "clients",
                "*",
                "logout_urls",
                index,
                value=url,
                sentence=f"Entra ID cannot send the browser there. {reason[0]}",
                instead=reason[1],
            )


def _not_registered(url: str) -> tuple[str, str] | None:
    """Why an address cannot be a redirect URI of a registration."""
    try:
        rules_web.registered_uri(url)
    except PydanticCustomError as refusal:
        context = refusal.context or {}
        return str(context["sentence"]), str(context["instead"])
    return None


@RULES.reads("clients", "tenants")
def _number_of_redirect_uris(
    clients_: Mapping[str, ClientSettings], tenants: Mapping[str, TenantSettings]
) -> Iterator[Finding]:
    """Microsoft learn, "Redirect URI (reply URL) outline and restrictions": how many there may be."""
    personal = any(tenant.tenant_id == PERSONAL_TENANT_ID for tenant in tenants.values())
    most = 100 if personal else 256
    # Besides the logout URLs: one for each of up to three domains, and one after consent.
    others = 4
    urls = {url for client in clients_.values() if client.end_microsoft_session for url in client.logout_urls}
    if len(urls) + others > most:
        yield error(
            "clients",
            sentence=f"The registration would have more than {most} redirect URIs: {len(urls)} of them are"
            " logout URLs.",
            instead="Let fewer of them end the session at Microsoft.",
        )
