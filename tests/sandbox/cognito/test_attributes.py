"""The rules of the local Cognito that need no user pool: values, scopes, tickets."""

import pytest

from sandbox.cognito import attributes, errors
from sandbox.cognito.models import Client, Pool
from sandbox.cognito.sessions import CODE_SECONDS, FEDERATION_SECONDS, SESSION_SECONDS


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("text", "text"),
        (True, "true"),
        (7, "7"),
        (["a"], "[a]"),
        (["a.b-c_d*e", "f g", "h,i"], "[a.b-c_d*e,f+g,h%2Ci]"),
        ([], "[]"),
        ({"street": "x"}, '{"street": "x"}'),
    ],
)
def test_claims_become_text_as_documented(claim: object, text: str) -> None:
    assert attributes.as_text(claim) == text


def test_falsy_claims_are_values_and_null_is_none() -> None:
    mapping = {"custom:a": "a", "custom:b": "b", "custom:c": "c", "username": "sub"}
    assert attributes.mapped(mapping, {"a": 0, "b": "", "c": None, "sub": "s"}) == {
        "custom:a": "0",
        "custom:b": "",
    }


def client_of(schema: list[dict[str, object]], writable: list[str]) -> Client:
    pool = Pool(Id="eu-central-1_x", SchemaAttributes=schema)
    return Client(ClientId="c", WriteAttributes=writable, pool=pool)


def rule(name: str, kind: str, **more: object) -> dict[str, object]:
    return {"Name": name, "AttributeDataType": kind, "Mutable": True, **more}


@pytest.mark.parametrize("value", ["abc", "0", "11", ""])
def test_numbers_keep_to_their_limits(value: str) -> None:
    limits = rule("custom:n", "Number", NumberAttributeConstraints={"MinValue": "1", "MaxValue": "10"})
    client = client_of([limits], ["custom:n"])
    with pytest.raises(errors.FederationError, match="custom:n: Attribute is not a number"):
        attributes.check({"custom:n": value}, client, None)
    attributes.check({"custom:n": "10"}, client, None)


def test_text_keeps_to_its_least_length() -> None:
    born = rule("birthdate", "String", StringAttributeConstraints={"MinLength": "10", "MaxLength": "10"})
    client = client_of([born], ["birthdate"])
    with pytest.raises(errors.FederationError, match="no shorter than 10"):
        attributes.check({"birthdate": "1815"}, client, None)
    attributes.check({"birthdate": "1815-12-10"}, client, None)


def test_every_attribute_that_cannot_be_updated_is_named() -> None:
    client = client_of([rule("email", "String"), rule("name", "String")], ["gender"])
    with pytest.raises(errors.FederationError) as refused:
        attributes.check({"email": "a", "name": "b"}, client, None)
    assert str(refused.value) == (
        "user.email: Attribute cannot be updated.\n user.name: Attribute cannot be updated.\n "
    )


def test_times_are_those_of_the_developer_guide() -> None:
    assert (CODE_SECONDS, FEDERATION_SECONDS, SESSION_SECONDS) == (300, 300, 3600)
