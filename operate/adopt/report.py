"""What `adopt` prints: what exists, what of it the state has, and what to do about the rest."""

from collections.abc import Iterable, Iterator
from typing import Any

from operate.adopt.differences import differences, fragment, other_clients, pool_attributes
from operate.adopt.existing import ExistingObjects
from operate.adopt.unrecorded import repair_command, unrecorded
from operate.state import Recorded
from stacks.addresses import PREFIX_DOMAIN
from stacks.adopted import Adopted
from stacks.settings import Settings


def report(
    settings: Settings, existing: ExistingObjects, recorded: Recorded, record: Adopted
) -> Iterator[str]:
    """What a person reads, line by line.

    Args:
        record: what is in the environment's `.adopted.json`.
    """
    missing = unrecorded(existing, settings, recorded)
    imports = existing.imports(settings)
    yield f"{settings.name}: {len(imports)} objects exist, {len(missing)} of them are not in the state."
    if recorded.lock:
        yield (
            f"The state is locked since {recorded.lock.since} by {recorded.lock.who}. If that deploy is over:"
            f" terraform -chdir=cdktf.out/stacks/{settings.name} force-unlock {recorded.lock.id}"
        )
    if settings.cognito.user_pool_id is not None:
        yield (
            f"The user pool {settings.cognito.user_pool_id} is somebody else's and stays as it is: only its"
            " identity providers, and app clients that are to be this stack's, are adopted."
        )
    if settings.entra.registration is not None:
        yield "The app registration belongs to somebody else: nothing in Entra ID is adopted."
    if imports:
        yield ""
    width = max(map(len, imports), default=0)
    for address, id_ in imports.items():
        where = "not in the state" if address in missing else "in the state"
        if missing.get(address) == record.imports.get(address, ""):
            where = "in the record"
        yield f"  {address:{width}}  {where:16}  {id_}"
    yield from _secrets(existing, recorded, settings.name)
    yield from _titled(
        "A deploy would change what exists to what the settings say. To keep it as it is, write in"
        f" environments/{settings.name}.toml:",
        fragment(differences(existing, settings), other_clients(existing, settings)).splitlines(),
    )
    yield from _titled(
        "Of the same name, and something else: left behind by an interrupted deploy, if you know of no other"
        " use. Then remove it:",
        map(_removal, existing.same_name),
    )
    yield from _titled("No plan shows:", (f"- {one}" for one in warnings(existing, settings)))
    yield from _next(settings.name, missing, recorded, record)


def warnings(existing: ExistingObjects, settings: Settings) -> Iterator[str]:
    """What will fail with the existing objects, and no plan shows; one sentence each."""
    pool = existing.pool
    for attribute in pool_attributes(pool) if pool else ():
        if f"custom:{attribute.name}" in settings.full_attribute_mapping and not attribute.mutable:
            yield (
                f"The pool's attribute custom:{attribute.name} is immutable, so every second sign-in that"
                " writes it fails: map the claim to another attribute."
            )
    wants_prefix = settings.cognito.domain_prefix is not None
    if wants_prefix and pool and PREFIX_DOMAIN not in existing.domains and pool.get("Domain"):
        yield (
            f"The pool has the domain prefix {pool['Domain']}, and can have only one: write"
            f' domain_prefix = "{pool["Domain"]}", or the deploy fails.'
        )


def _next(environment: str, missing: dict[str, str], recorded: Recorded, record: Adopted) -> Iterator[str]:
    left = {address: id_ for address, id_ in missing.items() if record.imports.get(address) != id_}
    if missing and not left:
        yield from _titled(
            "Next: see what a deploy, which imports what is in the record, would take away from it:",
            [f"pipenv run guard {environment}", f"pipenv run cdktf diff {environment}"],
        )
    if not left:
        return
    if not recorded.resources:
        yield from _titled(
            "Made by hand? Write the record, by which the next deploy imports all of it:",
            [f"pipenv run adopt {environment} --write"],
        )
    yield from _titled(
        "Left behind by an interrupted first deploy? Import it into the state, then deploy again:",
        [repair_command(environment, address, id_, recorded) for address, id_ in left.items()],
    )


def _secrets(existing: ExistingObjects, recorded: Recorded, environment: str) -> Iterator[str]:
    application: dict[str, Any] = existing.application or {}
    credentials = [
        one
        for one in application.get("passwordCredentials") or []
        if one["keyId"] not in recorded.secret_key_ids
    ]
    lines = [
        f"{one['keyId']}  {one.get('hint') or '***'}...  until {one['endDateTime'][:10]}"
        f"  {one.get('displayName') or ''}"
        for one in credentials
    ]
    lines += [
        f"az ad app credential delete --id {application['appId']} --key-id {one['keyId']}"
        for one in credentials
    ]
    yield from _titled(
        "Cannot be imported, since nobody can read its value: a client secret. The deploy makes another and"
        " gives it to Cognito, and this one stays valid. Once people sign in with the new one"
        f" (pipenv run verify {environment}), remove it:",
        lines,
    )


def _removal(same_name: dict[str, Any]) -> str:
    if "appId" in same_name:
        return f"az ad app delete --id {same_name['appId']}"
    return f"aws cognito-idp delete-user-pool --user-pool-id {same_name['Id']}"


def _titled(title: str, lines: Iterable[str]) -> Iterator[str]:
    indented = [f"  {line}".rstrip() for line in lines]
    if indented:
        yield from ("", title, "", *indented)
