"""Rules about where: the sign-in domains, their looks, and Microsoft's clouds beside those of AWS."""

from collections.abc import Iterator, Mapping

from pydantic_core import PydanticCustomError

from stacks import clouds
from stacks.settings import rules_web
from stacks.settings.findings import Finding, Key, Rulebook, error, warning
from stacks.settings.identity_providers import lets_in_personal_accounts
from stacks.settings.tables_clients import ClientSettings
from stacks.settings.tables_cognito import BrandingSettings, CustomDomainSettings
from stacks.settings.tables_entra import RegistrationSettings, TenantSettings
from stacks.settings.vocabulary import AccountTypes, EntraCloud

RULES = Rulebook()

PICTURES = {"ico": "ICO", "jpeg": "JPEG", "jpg": "JPEG", "png": "PNG", "svg": "SVG", "webp": "WEBP"}
GOVERNMENT = "aws-us-gov"
PREFIX_DOMAINS = ".amazoncognito.com"


@RULES.reads(
    "cognito.domain_prefix", "cognito.custom_domain", "cognito.existing_domain", "cognito.user_pool_id"
)
def _some_domain(
    prefix: str | None, custom: CustomDomainSettings | None, existing: str | None, pool_id: str | None
) -> Iterator[Finding]:
    """Developer guide, "User pool sign-in with third party identity providers": it needs a domain."""
    if not (prefix or custom or existing):
        what = (
            "the host of the domain that the pool has, as existing_domain"
            if pool_id
            else 'for instance domain_prefix = "contoso-signin"'
        )
        yield error(
            "cognito",
            "domain_prefix",
            sentence="There is no sign-in domain, and without one nobody can sign in with Microsoft.",
            instead=f"Add to [cognito] {what}.",
        )


@RULES.reads("cognito.existing_domain", "cognito.domain_prefix", "cognito.custom_domain")
def _one_domain_of_each_kind(
    existing: str | None, prefix: str | None, custom: CustomDomainSettings | None
) -> Iterator[Finding]:
    """Developer guide, "Configuring a user pool domain": a pool has one prefix domain and one of its own."""
    if existing is None:
        return
    if existing.endswith(PREFIX_DOMAINS) and prefix is not None:
        yield error(
            "cognito",
            "domain_prefix",
            value=prefix,
            sentence=f"The pool has a prefix domain already, {existing}, and can have one.",
            instead="Remove the line.",
        )
    if not existing.endswith(PREFIX_DOMAINS) and custom is not None:
        yield error(
            "cognito",
            "custom_domain",
            "host",
            value=custom.host,
            sentence=f"The pool has a custom domain already, {existing}, and can have one.",
            instead="Remove [cognito.custom_domain].",
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


@RULES.reads("entra.cloud", "entra.authority", "aws.region")
def _clouds_that_go_together(
    cloud: EntraCloud | None, authority: str | None, region: str
) -> Iterator[Finding]:
    """Microsoft learn, "National clouds"; AWS GovCloud (US) user guide, "What is AWS GovCloud (US)?"."""
    if authority is not None:
        return
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
                sentence="Cognito shows pictures whose names end with .ico, .jpg, .png, .svg or .webp.",
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


@RULES.reads("clients", "tenants", "entra.account_types", "entra.consent_redirect_uri", "entra.registration")
def _redirect_uris(
    clients_: Mapping[str, ClientSettings],
    tenants: Mapping[str, TenantSettings],
    account_types: AccountTypes | None,
    consent: str | None,
    registration: RegistrationSettings | None,
) -> Iterator[Finding]:
    """Microsoft learn, "Redirect URI (reply URL) outline and restrictions"."""
    if registration is not None:
        return
    personal = lets_in_personal_accounts(account_types, tenants)
    most = 100 if personal else 256
    # Besides the logout URLs: one for each of up to two domains, and one after consent.
    others = 3
    places: dict[Key, str] = {
        ("clients", name, "logout_urls", index): url
        for name, client in clients_.items()
        if client.end_microsoft_session
        for index, url in enumerate(client.logout_urls)
    }
    count = len(set(places.values()))
    if count + others > most:
        yield error(
            "clients",
            sentence=f"The registration would have more than {most} redirect URIs: {count} of them are"
            " logout URLs.",
            instead="Let fewer of them end the session at Microsoft.",
        )
    if consent is not None:
        places["entra", "consent_redirect_uri"] = consent
    for key, url in places.items():
        if personal and "?" in url:
            yield error(
                *key,
                value=url,
                sentence="A registration that lets in personal Microsoft accounts takes no address with a ?"
                " in it.",
                instead="Write it without the query.",
            )
