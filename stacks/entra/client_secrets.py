"""The client secrets with which Cognito authenticates at Entra ID's token endpoint; nobody sees them."""

from cdktf import DataResource, Fn, ITerraformDependable, LocalExecProvisioner, TerraformResourceLifecycle
from cdktf_cdktf_provider_azuread.application import Application
from cdktf_cdktf_provider_azuread.application_password import ApplicationPasswordA
from constructs import Construct

from stacks import addresses
from stacks.rotation import Rotation
from stacks.settings.entra_secret import SecretSettings


class ClientSecrets(Construct):
    """The secret in use and, after a rotation, the previous one.

    Attributes:
        in_use: the secret for Cognito.
        described: generation, key id and end date of the secret `in_use` and of the `previous` one; no value.
        before_use: what has to be done before an identity provider gets the secret.
    """

    def __init__(
        self,
        scope: Construct,
        settings: SecretSettings,
        *,
        rotation: Rotation,
        application: Application,
        display_name: str,
        is_first: bool,
    ) -> None:
        super().__init__(scope, "client_secrets")
        self._settings = settings
        self._application = application
        self._display_name = display_name
        self.in_use = self._secret(rotation.in_use)
        self.described: dict[str, object] = {"in_use": _described(rotation.in_use, self.in_use)}
        self.before_use: list[ITerraformDependable] = []
        # Nobody signs in yet with the first secret, so nobody has to wait for it.
        if not is_first:
            self.before_use.append(self._propagation_delay(rotation.in_use))
        if rotation.previous is not None:
            previous = self._secret(rotation.previous)
            self.described["previous"] = _described(rotation.previous, previous)
            # By this dependency Terraform removes the previous secret, at a later rotation, only after it has
            # changed the identity provider.
            self.before_use.append(previous)

    def _secret(self, generation: int) -> ApplicationPasswordA:
        """A secret of one generation.

        The end date is fixed when the secret is made: it is stated (left out, Entra ID grants two
        years), and later plans ignore that "now" has moved on. The generation is the address, so a rotation
        makes a new secret beside the others. Without `create_before_destroy` Terraform would remove an old
        one before it changes what refers to it.
        """
        lifetime = f"{self._settings.lifetime_days * 24}h"
        return ApplicationPasswordA(
            self,
            addresses.CLIENT_SECRETS.format(generation=generation),
            application_id=self._application.id,
            display_name=f"{self._display_name} {generation}",
            end_date=Fn.timeadd(Fn.plantimestamp(), lifetime),
            lifecycle=TerraformResourceLifecycle(
                create_before_destroy=True, ignore_changes=["end_date", "display_name"]
            ),
        )

    def _propagation_delay(self, generation: int) -> DataResource:
        """A pause between making a secret and giving it to Cognito.

        Graph shows a new secret before every server of the token endpoint knows it: 4 to 18 seconds were
        seen (https://github.com/microsoftgraph/microsoft-graph-docs/issues/17966), and until then some
        sign-ins would fail. `terraform_data` is part of Terraform itself and needs no plugin.
        """
        # exec: an interrupted Terraform kills the shell alone, and a deploy would wait for the shell's child.
        command = f"exec sleep {self._settings.settle_seconds}"
        pause = LocalExecProvisioner(type="local-exec", command=command)
        return DataResource(
            self,
            addresses.PROPAGATION_DELAY.format(generation=generation),
            triggers_replace={"key_id": self.in_use.key_id},
            provisioners=[pause],
        )


def _described(generation: int, secret: ApplicationPasswordA) -> dict[str, object]:
    return {"generation": generation, "key_id": secret.key_id, "end_date": secret.end_date}
