"""The stack: Microsoft sign-in on a Cognito user pool, both clouds in one reviewed plan and one state."""

from datetime import date

from constructs import Construct

from stacks import addresses
from stacks.adopted import NOTHING, Adopted
from stacks.cognito.app_clients import AppClients
from stacks.cognito.branding import Branding
from stacks.cognito.domains import domains
from stacks.cognito.identity_providers import identity_providers
from stacks.cognito.user_pool import created_user_pool, existing_user_pool
from stacks.entra.application import CreatedRegistration
from stacks.entra.existing_registration import existing_registration
from stacks.environment_stack import EnvironmentStack
from stacks.outputs import outputs
from stacks.rotation import rotation
from stacks.settings import Settings
from stacks.settings.accounts import PERSONAL


class EntraCognitoStack(EnvironmentStack):
    """One environment: what `cdktf deploy <name>` makes and `cdktf destroy <name>` takes away."""

    def __init__(
        self,
        scope: Construct,
        settings: Settings,
        *,
        today: date,
        adopted: Adopted = NOTHING,
        branding: Branding | None = None,
        logo: str | None = None,
    ) -> None:
        """Declare providers, state, both sides, and the outputs.

        Args:
            today: the day in UTC, which decides whether a scheduled rotation is due.
            logo: the app's logo on Microsoft's pages, in base64.
        """
        super().__init__(
            scope,
            settings.name,
            settings,
            region=settings.aws.region,
            azuread=settings.entra.registration is None,
        )
        self.keep_state(settings, settings.state_key)

        # Entra ID: as whom Cognito presents itself.
        secrets = rotation(
            settings.entra.secret, today, room_for_previous=settings.account_types not in PERSONAL
        )
        registration = (
            CreatedRegistration(self, settings, rotation=secrets, adopted=adopted, logo=logo).registration
            if settings.entra.registration is None
            else existing_registration(self, settings.entra.registration)
        )

        # Cognito: the user pool, where people sign in, who may, and to which apps.
        pool_id = (
            created_user_pool(self, settings, adopted)
            if settings.cognito.user_pool_id is None
            else existing_user_pool(self, settings.cognito.user_pool_id, settings.full_attribute_mapping)
        )
        custom_domain_target = domains(self, settings.cognito, pool_id)
        provider_names = identity_providers(
            self, settings, user_pool_id=pool_id, registration=registration, adopted=adopted
        )
        clients = AppClients(
            self,
            settings,
            user_pool_id=pool_id,
            provider_names=provider_names,
            branding=branding,
            adopted=adopted,
        )

        if adopted.imports:
            self.add_override(
                "import",
                [_import(to, id_, registration.counted.get(to)) for to, id_ in adopted.imports.items()],
            )
        outputs(
            self,
            settings,
            registration=registration,
            rotation=secrets,
            user_pool_id=pool_id,
            client_ids=clients.ids,
            custom_domain_target=custom_domain_target,
            adopted=adopted,
        )


def _import(address: str, id_: str, condition: str | None) -> dict[str, str]:
    """An import block; with a condition for a resource that has a count, which may be 0."""
    if condition is None:
        return {"to": address, "id": id_}
    once = f'${{{condition} ? toset(["once"]) : toset([])}}'
    return {"for_each": once, "to": addresses.instance(address), "id": id_}
