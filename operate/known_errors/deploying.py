"""Troubles during a deploy."""

from operate.known_errors.known_error import KnownError, Stage

DEPLOYING: tuple[KnownError, ...] = tuple(
    KnownError(id=id_, stage=Stage.DEPLOY, errors=errors, cause=cause, remedy=remedy, verified=False)
    for id_, errors, cause, remedy in (
        (
            "provider-details",
            ("Invalid ProviderDetails", "Unable to contact well-known endpoint"),
            "Cognito does not accept the identity provider's issuer or endpoints.",
            "Compare entra.tenant_id and entra.cloud with the tenant; everything else follows from them.",
        ),
        (
            "provider-unknown",
            ("The provider … does not exist",),
            "An app client names an identity provider that the pool does not have, or not yet.",
            "Deploy again. In code of your own pass on the provider's reference, never its name as text.",
        ),
        (
            "write-attributes",
            ("Invalid write attributes specified while creating a client",),
            (
                "An app client may not write an attribute that is required or mapped, or writes one that"
                " nobody may."
            ),
            "Map only attributes that people can have: never sub, email_verified or phone_number_verified.",
        ),
        (
            "consent-exists",
            ("Permission entry already exists",),
            "Somebody has granted consent by hand already.",
            (
                "Revoke it in the Entra admin center (Enterprise applications > Permissions), or import it;"
                " then deploy."
            ),
        ),
        (
            "rights-missing",
            ("Authorization_RequestDenied", "Insufficient privileges to complete the operation"),
            "Whoever deploys lacks a right in Entra ID.",
            (
                "Grant those that README.md names; without the one for consent write entra.admin_consent ="
                " false."
            ),
        ),
        (
            "secret-policy",
            ("CredentialInvalidLifetimeAsPerAppPolicy", "Credential lifetime exceeds the max value allowed"),
            "A policy of the tenant allows client secrets a shorter life only.",
            "Write fewer days as entra.secret.lifetime_days.",
        ),
        (
            "schema-fixed",
            ("cannot modify or remove schema items",),
            "Attributes of a user pool can be added, and never changed or removed.",
            "Leave the custom attribute in cognito.attribute_mapping, or begin with another user_pool_name.",
        ),
        (
            "deletion-protected",
            ("deletion protection", "Instance cannot be destroyed"),
            (
                "The pool, the provider and the registration are protected: without them every user is a new"
                " user."
            ),
            (
                "Write cognito.deletion_protection = false and entra.prevent_destroy = false, deploy, then"
                " destroy."
            ),
        ),
        (
            "domain-taken",
            ("Domain already associated with another user pool", "Domain already exists"),
            "Somebody in the region has the domain prefix already.",
            "Write another cognito.domain_prefix.",
        ),
    )
)
