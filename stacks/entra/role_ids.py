"""The ids of app roles. Without CDKTF, since `operate/` uses them too."""

from uuid import UUID, uuid5

# A role's id follows from its key. Read back from the application instead, every id would be unknown as
# soon as any role changes, and every assignment be replaced.
_ROLE_IDS = UUID("5f0c5b0e-6d0b-4a57-9d5b-0c1a6f3f7d21")


def role_id(key: str) -> str:
    """The id of an app role, which is unique within its application."""
    return str(uuid5(_ROLE_IDS, key))
